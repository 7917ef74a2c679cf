"""A fixed point of a (leaky) ReLU network followed while its constant input changes along a line,
exactly and up to a fold.

In a region where the same units are above threshold the total input is a straight line,

    x(s) = (I - W D)^-1 (c + s g),   r = f(x),   s from 0 to 1,

up to the border where one unit reaches its threshold. Beyond it the path goes on, unless det(I - W
D) changes its sign there: then the point meets another one and both vanish, which is the fold of a
network that is linear in pieces. `taskrnn.analysis.fixed_points.paths` goes round folds to search;
here the fold is what is asked for.
"""

from typing import NamedTuple

import numpy as np

from taskrnn import checks
from taskrnn.analysis.fixed_points.newton import SINGULAR, response
from taskrnn.analysis.stability.kinks import MARGINAL, growths, spectrum
from taskrnn.missing import Unmeasurable
from taskrnn.networks.activation import leaky_relu

MOST = 40  # regions that a path may pass for each unit


class Continuation(NamedTuple):
    """What became of one fixed point.

    rates : ndarray of shape (step, unit), NaN beyond the fold
    end : float, the s of the fold; 1 if there is none
    through : bool, whether it got to s = 1
    stable : bool, whether it was stable in the map in all regions that it passed
    """

    rates: np.ndarray
    end: float
    through: bool
    stable: bool


def continued(W, c, change, rates, *, n_steps=101, theta=0.0, alpha=0.1) -> Continuation:
    """Follow the fixed point `rates` of the constant input c to that of ``c + change``.

    Parameters
    ----------
    W : ndarray of shape (unit, unit)
    c, change : ndarrays of shape (unit,), constant inputs
    rates : ndarray of shape (unit,), a fixed point at c
    n_steps : int
        Places on the way, both ends with them, at which its rates are kept; it is followed from
        border to border.
    theta, alpha : float
        Angle of the leaky ReLU in radians, and dt / tau.

    Raises
    ------
    Unmeasurable
        Numbers are not finite, or the path passes more than `MOST` regions for each unit.
    """
    W, c, change = checks.square("W", W, axes=""), *map(checks.finite, ("c", "change"), (c, change))
    f, at = leaky_relu(theta), np.linspace(0, 1, n_steps)
    total = W @ rates + c
    above, path = total > 0, np.full((n_steps, len(c)), np.nan)
    s, last, stable = 0.0, None, True
    for _ in range(MOST * len(c)):
        D = f.slope(np.where(above, 1.0, -1.0))
        M = response(W, D)
        # (I - W D)^-1 = I + M D; solved anew in every region, so that errors do not add up
        here, speed = (of + M @ (D * of) for of in (c + s * change, change))
        stable &= bool(growths(spectrum(W, D[None]), alpha).map.max() <= MARGINAL)
        towards = np.where(above, speed < 0, speed > 0)
        if last is not None:
            here[last], towards[last] = 0.0, False  # it has just crossed
        length = np.full(len(c), np.inf)
        np.divide(-here, speed, out=length, where=towards)
        unit = int(length.argmin())
        to = min(s + max(length[unit], 0.0), 1.0)
        within = (at >= s) & (at <= to)
        path[within] = f.value(here + (at[within, None] - s) * speed)
        if to == 1.0:
            return Continuation(path, 1.0, True, stable)
        other = f.slope(np.array(-1.0 if above[unit] else 1.0))
        if 1 - (other - D[unit]) * M[unit, unit] <= SINGULAR:  # the ratio of the determinants
            return Continuation(path, to, False, stable)
        above[unit] ^= True
        s, last = to, unit
    raise Unmeasurable(f"a path of fixed points passes more than {MOST * len(c)} regions")
