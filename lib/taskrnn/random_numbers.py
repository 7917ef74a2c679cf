"""Random numbers: every draw is named by a seed, a purpose and its place.

A network has one seed. What it draws (initial weights, the trials and noise of update 17, its test
set) is a function of that seed, of the purpose and of the place alone, so nothing depends on what
was drawn before or on which other networks are computed beside it.
"""

import hashlib
import math

import numpy as np

# The purposes of the library, by number. An analysis names its own, as "slow_points.starts".
PURPOSES = ("initial weights", "training", "stop", "test", "session")
BLOCK = 1 << 15  # pairs made at a time: what is in between stays in the cache


def generator(seed: int, purpose: str, *place: int) -> np.random.Generator:
    """Generator of one purpose of one network.

    Parameters
    ----------
    seed : int
        The network's seed, not negative.
    purpose : str
        One of `PURPOSES`, or a name that no other draw has, as "study.what is drawn".
    *place : int
        Where in that purpose, for example the number of the update.
    """
    if purpose in PURPOSES:
        return np.random.default_rng((seed, PURPOSES.index(purpose), *place))
    name = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8])
    # With their number, because NumPy takes (7, 5) and (7, 5, 0) for the same.
    return np.random.default_rng((seed, name, len(place), *place))


def standard_normal(shape: tuple[int, ...], *, rng: np.random.Generator) -> np.ndarray:
    """Standard normal numbers, float32, by vectorised functions (Box and Muller 1958).

        x = sqrt(-2 ln u) cos(2 pi v),   y = sqrt(-2 ln u) sin(2 pi v)

    u, v are independent and uniform, x, y independent and standard normal. u has 32 bits, so that
    no number lies beyond sqrt(64 ln 2) = 6.7. Noise for every unit and step is a large part of the
    cost of training; this takes a third of the time of NumPy's own method, which draws one number
    after another.
    """
    numbers = np.empty(math.prod(shape), np.float32)
    for start in range(0, len(numbers), 2 * BLOCK):
        piece = numbers[start : start + 2 * BLOCK]
        half = -(-len(piece) // 2)
        u, v = (
            rng.bit_generator.random_raw(half).view(np.uint32).reshape(2, half).astype(np.float32)
        )
        u += 1  # zero has no logarithm
        u *= 2.0**-32
        np.log(u, out=u)
        u *= -2
        np.sqrt(u, out=u)
        v *= 2 * math.pi * 2.0**-32
        np.multiply(u, np.cos(v), out=piece[:half])
        np.multiply(u[: len(piece) - half], np.sin(v)[: len(piece) - half], out=piece[half:])
    return numbers.reshape(shape)
