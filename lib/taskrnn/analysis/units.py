"""Arrays without their unit of measurement, so that no answer depends on it: squares of what is
near 1 neither overflow nor vanish.
"""

import numpy as np


def unitless(x, axis=None):
    """x over the power of two just above its largest absolute value along `axis`, which changes no
    digit; and its exponent, of x's ndim.
    """
    exponent = np.frexp(np.abs(x).max(axis=axis, keepdims=True, initial=0.0))[1]
    return np.ldexp(x, -exponent), exponent
