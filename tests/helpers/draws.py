"""Numbers of ten networks whose mean and spread are exact, so that no word hangs on the draw."""

import numpy as np

N = 10


class Draws:
    """Random numbers, the same for every test."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def around(self, mean, *, sd=0.05):
        """Ten networks with this mean and standard deviation, exactly."""
        x = self.rng.standard_normal(N)
        return mean + sd * (x - x.mean()) / x.std(ddof=1)

    def times(self, before, after, *, sd=0.05):
        """The same before and after training, (network, when)."""
        return np.stack([self.around(before, sd=sd), self.around(after, sd=sd)], axis=1)

    def some(self, n):
        """Bool (network,), n of them true."""
        return self.rng.permutation(np.arange(N) < n)
