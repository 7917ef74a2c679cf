"""Activation functions f of rate networks with their slopes, for analyses that are not tied to the
ReLU.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Activation(NamedTuple):
    """f and its derivative, both from arrays of total input of any shape."""

    name: str
    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]


def leaky_relu(theta: float = 0.0) -> Activation:
    """Slope 1 above zero and tan(theta) at and below it, theta in radians from 0 (ReLU) to pi/4
    (linear).

    Raises
    ------
    ValueError
        theta is outside of that.
    """
    if not 0 <= theta <= math.pi / 4:
        raise ValueError(
            f"theta is {theta} rad; it must lie in [0, pi/4] = [0, {math.pi / 4:.4f}]."
        )
    below = math.tan(theta)
    return Activation(
        "leaky ReLU", lambda x: np.maximum(x, below * x), lambda x: np.where(x > 0, 1.0, below)
    )


RELU = leaky_relu()._replace(name="ReLU")
TANH = Activation("tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2)
