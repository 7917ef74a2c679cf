"""What is asked at the doors of the library: of arrays, of numbers, of folders and of settings.

Each answers with the value in one form, or with a ValueError of one sentence.
"""

import math
import warnings
from dataclasses import fields
from numbers import Integral, Real
from pathlib import Path
from typing import get_type_hints

import numpy as np

from taskrnn.missing import Unmeasurable

LARGEST = 1e50  # number in weights and states: squares of products of them are still finite


def array(name, x, *, dtype=float) -> np.ndarray:
    """x as an array of numbers; NaN and infinite ones pass.

    Parameters
    ----------
    name : str, for the message
    dtype : float, complex to let complex numbers pass as they are, or None to keep the precision of
        floating-point ones

    Raises
    ------
    ValueError
        It has values that are masked, is sparse or ragged, or holds anything but real numbers.
    """
    if hasattr(x, "toarray"):
        raise ValueError(f"{name} is a sparse matrix, which is not taken: give {name}.toarray().")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # of NumPy, for a masked number in a list
            found = (
                np.ma.asarray(x)
                if isinstance(x, (np.ma.MaskedArray, list, tuple))
                else np.asarray(x)
            )
    except (ValueError, TypeError, RuntimeError, UserWarning) as error:
        raise ValueError(
            f"{name} is no array of numbers ({str(error).splitlines()[0]}); give one of a regular "
            "shape."
        ) from None
    kind = found.dtype.kind
    if kind not in "biufc":
        raise ValueError(
            f"{name} is an array of type {found.dtype} and must be one of numbers: convert it with "
            "astype(float)."
        )
    if kind == "c" and dtype is not complex:
        raise ValueError(
            f"{name} is complex, and its imaginary parts would be lost: give its real part or its "
            "modulus."
        )
    if (hidden := np.ma.count_masked(found)) > 0:
        raise ValueError(
            f"{name} has {hidden} masked values, which would be used: leave them out, or give NaN "
            "in their place."
        )
    found = np.asarray(found)
    return (
        found if kind == "c" or (kind == "f" and dtype is None) else found.astype(float, copy=False)
    )


def finite(name, x) -> np.ndarray:
    """x as an array of floats; raises as `array`, and `Unmeasurable` if they are not finite, or so
    large that one cannot calculate with them.
    """
    x = array(name, x)
    if not (np.abs(x) <= LARGEST).all():
        limit = f"{name} must hold finite numbers up to {LARGEST:.0e}"
        raise Unmeasurable(f"{limit}: leave out networks and states that do not, and report them.")
    return x


def square(name, W, *, axes="...") -> np.ndarray:
    """W as matrices (*axes, unit, unit) of finite floats; `axes` are the names of the leading ones,
    "..." is any.
    """
    W = finite(name, W)
    right = W.ndim >= 2 if axes == "..." else W.ndim == 2 + len(axes.split())
    if not right or W.shape[-1] != W.shape[-2] or 0 in W.shape:
        raise ValueError(
            f"{name} must be ({', '.join([*axes.split(), 'unit', 'unit'])}), not {W.shape}."
        )
    return W


def whole(name, value, *, least=1, most=math.inf) -> int:
    """A count, dimension or number of steps, from `least` to `most`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or not least <= value <= most:
        above = "" if most == math.inf else f" and at most {most}"
        raise ValueError(f"{name} is {value!r}; give a whole number, {least} or more{above}.")
    return int(value)


def folder(path) -> Path:
    """The path of a data folder, absolute, so that workers and later calls from elsewhere find the
    same one; ``~`` is home.
    """
    try:
        return Path(path).expanduser().absolute()
    except (TypeError, RuntimeError) as error:
        raise ValueError(
            f"The data folder {path!r} is no path ({error}); give the name of a folder."
        ) from None


def require_numbers(settings) -> None:
    """Make every field of a frozen dataclass that is an int or a float one of Python's, so that
    equal settings are written alike.

    A field that may be None may be that too.

    Raises
    ------
    ValueError
        A field holds no whole number, or no finite one.
    """
    kinds = get_type_hints(type(settings))
    for field in fields(settings):
        value, kind = getattr(settings, field.name), kinds[field.name]
        if kind is int:
            right, words = isinstance(value, Integral), "a whole number"
        elif kind in (float, float | None):
            right, words = (
                (value is None and kind is not float) or is_finite(value),
                "a finite number",
            )
        else:
            continue
        if isinstance(value, bool) or not right:
            raise ValueError(f"{type(settings).__name__}.{field.name} is {value!r}; give {words}.")
        if value is not None:
            # Minus zero is zero, and would be written otherwise.
            object.__setattr__(
                settings, field.name, int(value) if kind is int else float(value) + 0.0
            )


def is_finite(value) -> bool:
    """Whether it is a real number that a float can hold."""
    try:
        return isinstance(value, Real) and math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False
