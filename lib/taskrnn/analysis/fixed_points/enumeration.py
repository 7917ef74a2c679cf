"""Every fixed point of a small (leaky) ReLU network under constant input: all 2^N regions are
solved.

In the region where the units S are above threshold a fixed point solves ``(I - D W) r = D c`` with
slopes D of 1 on S and tan(theta) elsewhere, and it is one if ``W r + c`` is positive on S and on no
other unit.  This is complete, for N up to 16.
"""

import itertools
from typing import NamedTuple

import numpy as np

from taskrnn import checks
from taskrnn.analysis.fixed_points.points import distinct
from taskrnn.analysis.fixed_points.regions import agrees, holds_continuum, solve_regions
from taskrnn.networks.activation import leaky_relu

LARGEST = 16  # units: 65,536 regions
REGIONS = 4096  # solved at once
SAME = 1e-9  # relative distance of one point from itself, found in two regions


class Enumeration(NamedTuple):
    """All fixed points of one network.

    rates : ndarray of shape (point, unit), the isolated ones, in the order of their regions
    continua : bool ndarray of shape (k, unit), units above threshold in the regions that hold a
        line, plane ... of fixed points
    """

    rates: np.ndarray
    continua: np.ndarray


def enumerate_fixed_points(W, c, *, theta=0.0):
    """Solve all regions of one network, or of each of a batch.

    A region holds a continuum if I - D W is singular (a singular value below 1e-10 of the largest),
    the equations do not contradict each other, and more than one of their solutions lies in the
    region or on its border.

    Parameters
    ----------
    W : ndarray of shape (unit, unit), or (network, unit, unit)
    c : ndarray of shape (unit,), or (network, unit), the constant input ``W_in u + b``
    theta : float
        Angle of the leaky ReLU in radians, 0 to pi/4.

    Returns
    -------
    Enumeration, or a list of one for each network

    Raises
    ------
    ValueError
        If there are more than 16 units, shapes do not fit, or a number is not finite.
    """
    W, c = checks.finite("W", W), checks.finite("c", c)
    if c.ndim not in (1, 2) or not c.shape[-1] or W.shape != (*c.shape, c.shape[-1]):
        raise ValueError(
            f"W {W.shape} and c {c.shape} must be (unit, unit) and (unit,), both with a network "
            "axis or without."
        )
    if c.shape[-1] > LARGEST:
        raise ValueError(
            f"{c.shape[-1]} units have too many regions, the most are {LARGEST}; search with "
            "fixed_points instead."
        )
    slope = float(leaky_relu(theta).slope(np.array(-1.0)))
    if c.ndim == 2:
        return [enumerate_one(*net, slope) for net in zip(W, c, strict=True)]
    return enumerate_one(W, c, slope)


def enumerate_one(W, c, slope):
    """Enumeration of one network."""
    n = len(c)
    points, continua = [], []
    regions = np.array(list(itertools.product([False, True], repeat=n)))
    for part in np.split(regions, range(REGIONS, len(regions), REGIONS)):
        rates, dimension = solve_regions(W, c, part, slope, np.zeros(part.shape))
        for i in np.flatnonzero((dimension > 0) & np.isfinite(rates).all(axis=1)):
            if holds_continuum(W, c, part[i], slope, rates[i]):
                continua.append(part[i])
        inside = (dimension == 0) & agrees(rates @ W.T + c, part).all(axis=1)
        points.append(rates[inside])
    continua = np.array(continua, dtype=bool).reshape(-1, n)
    rates = np.concatenate(points)
    # A point at threshold is found in all regions that meet there, and may be the end of a
    # continuum in one of them.
    total = rates @ W.T + c
    isolated = [not agrees(x, continua).all(axis=1).any() for x in total]
    rates = rates[np.array(isolated, dtype=bool)]
    return Enumeration(rates[distinct(rates, SAME)[1]], continua)
