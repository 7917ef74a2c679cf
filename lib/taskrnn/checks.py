"""What all settings have in common."""

import math
from dataclasses import fields
from numbers import Integral, Real


def require_numbers(settings) -> None:
    """ValueError unless every field of a dataclass that is an int or a float holds one, and a finite one.

    A field that may be None may be that too.
    """
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.type is int:
            kind, right = "a whole number", isinstance(value, Integral)
        elif field.type in (float, float | None):
            absent = value is None and field.type is not float
            kind, right = "a finite number", absent or isinstance(value, Real) and math.isfinite(value)
        else:
            continue
        if isinstance(value, bool) or not right:
            raise ValueError(f"{type(settings).__name__}.{field.name} is {value!r}; give {kind}.")
