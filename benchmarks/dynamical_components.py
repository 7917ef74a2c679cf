"""The class of the package ``dca`` over our own statistics and search, for those who know it."""

import numpy as np

from taskrnn.analysis.dca.lag_covariances import lag_covariances
from taskrnn.analysis.dca.predictive_information import predictive_information, search


class DynamicalComponentsAnalysis:
    """The class of the package ``dca`` (its ``fit``, ``transform``, ``score``, ``coef_``), without
    torch.

    Parameters
    ----------
    d : int
        Dimension of the subspace.
    T : int
        Half of the joint window, in steps.
    rng : numpy.random.Generator
    n_init : int
        Random starts; the best is kept in ``coef_`` and all of them in ``starts_``.
    tol : float
        See `search`.

    Attributes
    ----------
    coef_ : ndarray of shape (unit, d), orthonormal columns; defined up to a rotation, so compare
        subspaces
    mean_ : ndarray of shape (1, unit)
    cross_covs : ndarray of shape (2T, unit, unit)
    added_ : float, see `LagCovariances`
    starts_ : Starts
    """

    def __init__(self, d, T, *, rng, n_init=1, tol=1e-9):
        self.d, self.T, self.rng, self.n_init, self.tol = d, T, rng, n_init, tol

    def estimate_data_statistics(self, X):
        """Mean and lag covariances of X, which `fit_projection` can then use for several d."""
        self.cross_covs, self.added_, _ = lag_covariances(X, 2 * self.T)
        self.mean_ = (X if isinstance(X, np.ndarray) and X.ndim == 2 else np.concatenate(X)).mean(
            axis=0, keepdims=True
        )
        return self

    def fit_projection(self, d=None):
        """Search the subspace, of dimension `d` if given."""
        d = self.d if d is None else d
        self.starts_ = search(self.cross_covs, d, rng=self.rng, n_starts=self.n_init, tol=self.tol)
        self.coef_ = self.starts_.best
        return self

    def fit(self, X):
        """`estimate_data_statistics`, then `fit_projection`; X as in `lag_covariances`."""
        return self.estimate_data_statistics(X).fit_projection()

    def transform(self, X):
        """X without the mean of the data of the fit, projected: the shape of X with d for unit."""
        if isinstance(X, list):
            return [self.transform(x) for x in X]
        return (X - self.mean_) @ self.coef_

    def fit_transform(self, X):
        """`fit`, then `transform`."""
        return self.fit(X).transform(X)

    def score(self, X=None):
        """PI in nats of X in the subspace; of the data of the fit, which is optimistic, if X is not
        given.
        """
        C = self.cross_covs if X is None else lag_covariances(X, 2 * self.T).C
        return predictive_information(C, self.coef_)
