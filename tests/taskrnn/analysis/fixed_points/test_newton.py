import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskrnn.analysis.fixed_points.newton import nearest_solution, solve


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 9), st.integers(1, 5))
def test_blocks_give_the_solutions_of_whole_matrices(seed, n_networks, n_rows, n):
    rng = np.random.default_rng(seed)
    W, D = rng.standard_normal((n_networks, n, n)), rng.choice([0, 1, 0.3], (n_networks, n_rows, n))
    b = rng.standard_normal((2, n_networks, n_rows, n))
    A = np.eye(n) - D[..., None] * W[:, None]
    assert (A @ solve(W, D, b)[..., None])[..., 0] == pytest.approx(b, abs=1e-8)


def test_exactly_singular_matrices_do_not_spoil_the_others():
    W, D = np.array([[[0.0, 1.0], [1.0, 0.0]]]), np.array([[[1.0, 1.0], [1.0, 0.0]]])
    d = solve(W, D, np.ones((1, 1, 2, 2)))[0, 0]
    assert np.isnan(d[0]).all()
    assert d[1].tolist() == [2, 1]


@given(st.integers(0, 2**32 - 1), st.integers(0, 4))
def test_nearest_solution_of_a_singular_equation(seed, rank):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((4, rank)) @ rng.standard_normal((rank, 4))
    start, solution = rng.standard_normal((2, 4))
    d, null = nearest_solution(A, A @ solution, start)
    assert null.shape == (4, 4 - rank)
    assert A @ d == pytest.approx(A @ solution, abs=1e-8)
    # To go from the start along the solutions is of no use.
    assert (d - start) @ null == pytest.approx(0, abs=1e-8)
    assert (
        rank == 4
        or np.isnan(nearest_solution(A, A @ solution + np.linalg.svd(A)[0][:, -1], start)[0]).all()
    )
