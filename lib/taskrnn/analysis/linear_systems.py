"""Linear systems in steps, ``x' = A x + B u``, ``y = C x``: how predictable noise makes them, and
smaller systems that do nearly the same.

    S = A S A^T + Q          covariance of the states under white noise of covariance Q
    P = A P A^T + B B^T      controllability Gramian: how far inputs move the states
    O = A^T O A + C^T C      observability Gramian: how far states move the outputs

The predictive information of the noisy system is ``1/2 ln(det S / det Q)``: it is Markov, so one
step on either side holds all of it. The square roots of the eigenvalues of ``P O`` are the Hankel
singular values, and depend on what the system does alone, not on the coordinates of its states. In
balanced coordinates both Gramians are diagonal with these values, and the states with the small
ones are cut off (Moore 1981).
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from taskrnn import checks
from taskrnn.missing import Unmeasurable


class Truncation(NamedTuple):
    """The states of largest Hankel singular value of a system in balanced coordinates.

    hankel : ndarray of shape (state,), all Hankel singular values of the whole system, falling
    A, B, C : ndarrays of shape (order, order), (order, input) and (output, order)
    """

    hankel: np.ndarray
    A: np.ndarray
    B: np.ndarray
    C: np.ndarray

    @property
    def order(self) -> int:
        """Number of states that are kept."""
        return len(self.A)


def predictive_information(A, Q):
    """Nats that the past of the process ``x' = A x + noise`` tells of its future.

    Parameters
    ----------
    A : ndarray of shape (state, state)
    Q : ndarray of shape (state, state), positive definite covariance of the noise; its scale does
        not matter

    Raises
    ------
    Unmeasurable
        The process is not stationary: a state does not decay.
    """
    A, Q = stable(A), checks.finite("Q", Q)
    S = solve_discrete_lyapunov(A, Q)
    return float(np.linalg.slogdet(S).logabsdet - np.linalg.slogdet(Q).logabsdet) / 2


def balanced_truncation(A, B, C, *, share=0.99):
    """The smallest balanced truncation whose Hankel singular values sum to this share of all.

    Parameters
    ----------
    A, B, C : ndarrays of shape (state, state), (state, input) and (output, state)
    share : float, above 0 and at most 1

    Returns
    -------
    Truncation

    Raises
    ------
    Unmeasurable
        A state does not decay, or no input reaches an output.
    """
    A, B, C = stable(A), checks.finite("B", B), checks.finite("C", C)
    if B.ndim != 2 or C.ndim != 2 or not len(A) == len(B) == C.shape[1]:
        raise ValueError(
            f"A {A.shape}, B {B.shape} and C {C.shape} must be (state, state), (state, input) and "
            "(output, state)."
        )
    if not 0 < share <= 1:
        raise ValueError(f"share is {share}; it must lie above 0 and not above 1.")
    reached = root(solve_discrete_lyapunov(A, B @ B.T))
    seen = root(solve_discrete_lyapunov(A.T, C.T @ C))
    left, hankel, right = np.linalg.svd(seen.T @ reached)
    if not hankel[:1].sum() > 0:
        raise Unmeasurable("No input reaches an output.")
    known = np.cumsum(hankel) >= share * hankel.sum() * (1 - len(hankel) * np.finfo(float).eps)
    n = 1 + int(known.argmax())
    scale = hankel[:n] ** -0.5
    into, back = scale[:, None] * (left[:, :n].T @ seen.T), reached @ right[:n].T * scale
    return Truncation(hankel, into @ A @ back, into @ B, C @ back)


def stable(A):
    """A as an array; `Unmeasurable` unless all its eigenvalues are below 1 in modulus."""
    A = checks.finite("A", A)
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise ValueError(f"A {A.shape} must be (state, state).")
    largest = np.abs(np.linalg.eigvals(A)).max(initial=0.0)
    if not largest < 1:
        raise Unmeasurable(f"A has an eigenvalue of modulus {largest:.3g}: a state does not decay.")
    return A


def root(M):
    """R with ``R R^T = M``, of a positive matrix that may be singular."""
    values, axes = np.linalg.eigh((M + M.T) / 2)
    return axes * np.sqrt(np.maximum(values, 0.0))
