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
        whole, number = field.type is int, field.type in (float, float | None)
        if isinstance(value, bool) or whole and not isinstance(value, Integral):
            right = not (whole or number)
        elif number and not (value is None and field.type is not float):
            right = isinstance(value, Real) and math.isfinite(value)
        else:
            right = True
        if not right:
            kind = "a whole number" if whole else "a finite number"
            raise ValueError(f"{type(settings).__name__}.{field.name} is {value!r}; give {kind}.")
