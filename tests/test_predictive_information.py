import dca
import numpy as np
import pytest
from dca.cov_util import calc_cross_cov_mats_from_data, calc_pi_from_cross_cov_mats
from hypothesis import given, settings, strategies as st
from scipy.linalg import solve_discrete_lyapunov, subspace_angles

from taskrnn import predictive_information as pi
from taskrnn.dynamical_components import DynamicalComponentsAnalysis
from taskrnn.lag_covariances import lag_covariances

seeds = st.integers(0, 2**32 - 1)
# dca 1.1.0 passes `disp` to SciPy, which is about to drop it.
pytestmark = pytest.mark.filterwarnings(r"ignore:scipy.optimize. The `disp` and `iprint` options:DeprecationWarning")


def oscillators(seed=0, n_steps=4000, n_units=12):
    """Three noisy rotations of different frequency and decay, mixed into n_units, plus a little noise of each unit."""
    rng = np.random.default_rng(seed)
    A = np.zeros((6, 6))
    for k, (radius, angle) in enumerate([(0.98, 0.1), (0.95, 0.5), (0.9, 1.0)]):
        c, s = radius * np.cos(angle), radius * np.sin(angle)
        A[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[c, -s], [s, c]]
    x = var(A, np.eye(6), n_steps, rng)
    return x @ rng.standard_normal((6, n_units)) + 0.5 * rng.standard_normal((n_steps, n_units)) + 3.0


def timescales(seed=0, n_steps=4000, n_units=12):
    """Six modes of clearly different decay, mixed into n_units with noise of each unit: one optimum for every d."""
    rng = np.random.default_rng(seed)
    A = np.diag([0.97, 0.9, 0.8, 0.65, 0.5, 0.3]) + np.triu(0.15 * rng.standard_normal((6, 6)), 1)
    x = var(A, np.eye(6), n_steps, rng)
    return x @ rng.standard_normal((6, n_units)) + 0.5 * rng.standard_normal((n_steps, n_units))


def var(A, Q, n_steps, rng):
    """A first-order autoregressive process, started in its stationary state."""
    x = np.empty((n_steps, len(A)))
    state = np.linalg.cholesky(solve_discrete_lyapunov(A, Q)) @ rng.standard_normal(len(A))
    kicks = rng.standard_normal((n_steps, len(A))) @ np.linalg.cholesky(Q).T
    for t in range(n_steps):
        x[t] = state = A @ state + kicks[t]
    return x


def exact_lags(A, Q, n_lags):
    """E[x(t + k) x(t).T] = A^k S of the stationary process."""
    S = solve_discrete_lyapunov(A, Q)
    return np.stack([np.linalg.matrix_power(A, k) @ S for k in range(n_lags)])


def stable(rng, n):
    A = rng.standard_normal((n, n))
    return 0.9 * A / np.abs(np.linalg.eigvals(A)).max()


def largest_angle(A, B):
    return np.degrees(subspace_angles(A, B)[0])


DATA = {
    "session": oscillators(),
    "trials": oscillators().reshape(20, 200, 12),
    "list": np.split(oscillators(), [300, 317, 1500]),
    "float32": oscillators().astype(np.float32),
    "short": oscillators(n_steps=25, n_units=3),
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("n_lags", [2, 10])
def test_lag_covariances_are_those_of_dca(name, n_lags):
    X = DATA[name]
    # dca keeps float32 means, and with them float32 rounding.
    reference = X.astype(float) if name == "float32" else X
    found = lag_covariances(X, n_lags)
    np.testing.assert_allclose(found.C, calc_cross_cov_mats_from_data(reference, n_lags), atol=1e-10, rtol=0)
    assert found.active.all()


def test_the_constant_of_the_rectification_is_that_of_dca_and_is_reported():
    # Trials that start far from where they end: the average along the diagonals is then no covariance.
    rng = np.random.default_rng(0)
    start, end = rng.standard_normal((2, 8, 1, 6))
    X = 5 * start * np.exp(-np.arange(60) / 15)[:, None] + 3 * end + 0.01 * rng.standard_normal((8, 60, 6))
    found = lag_covariances(X, 10)
    assert found.added > 1e-3
    np.testing.assert_allclose(found.C, calc_cross_cov_mats_from_data(X, 10), atol=1e-10, rtol=0)
    without = lag_covariances(oscillators(), 10)
    assert without.added == 0.0


def test_lag_k_is_from_the_present_to_the_future_and_not_the_reverse():
    # y repeats x three steps later, so x(t) predicts y(t + 3): C[3][y, x] is large and C[3][x, y] is not.
    x = np.random.default_rng(2).standard_normal(20_000)
    C = lag_covariances(np.stack([x[3:], x[:-3]], axis=1), 6).C
    assert C[3][1, 0] == pytest.approx(1, abs=0.05)
    assert abs(C[3][0, 1]) < 0.05
    rng = np.random.default_rng(3)
    A = stable(rng, 3)
    C = lag_covariances(var(A, np.eye(3), 100_000, rng), 4).C
    np.testing.assert_allclose(C, exact_lags(A, np.eye(3), 4), atol=0.3)
    assert np.abs(C[1] - exact_lags(A, np.eye(3), 4)[1].T).max() > 1


def test_lags_do_not_cross_the_joins_of_trials():
    rng = np.random.default_rng(4)
    trials = [x + rng.uniform(-50, 50) for x in np.split(oscillators(5, 1000), 5)]
    trials = [x - x.mean(axis=0) for x in trials]
    found = lag_covariances(trials, 4).C
    np.testing.assert_allclose(found, lag_covariances(trials[::-1], 4).C, atol=1e-12)
    # One trial at a time, each with its number of windows.
    windows = np.concatenate([np.stack([x[i : len(x) - 3 + i] for i in range(4)], axis=1) for x in trials])
    joint = np.einsum("wia,wjb->ijab", windows, windows) / (len(windows) - 1)
    by_hand = [np.mean([joint[i + k, i] for i in range(4 - k)], axis=0) for k in range(4)]
    np.testing.assert_allclose(found, by_hand, atol=1e-10)


def test_ar1_and_var1_have_their_predictive_information():
    for phi in (0.2, 0.9, -0.7):
        C = exact_lags(np.array([[phi]]), np.eye(1), 10)
        assert pi.predictive_information(C, np.eye(1)) == pytest.approx(-0.5 * np.log(1 - phi**2), abs=1e-10)
    rng = np.random.default_rng(5)
    A, root = stable(rng, 4), rng.standard_normal((4, 4))
    Q = root @ root.T + np.eye(4)
    S = solve_discrete_lyapunov(A, Q)
    expected = 0.5 * np.log(np.linalg.det(S) / np.linalg.det(Q))
    for T in (1, 5):
        assert pi.predictive_information(exact_lags(A, Q, 2 * T), np.eye(4)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("d", [1, 3, 6])
def test_pi_is_that_of_dca(d):
    C = lag_covariances(oscillators(), 10).C
    V = np.random.default_rng(d).standard_normal((12, d))
    assert pi.predictive_information(C, V) == pytest.approx(float(calc_pi_from_cross_cov_mats(C, V)), abs=1e-8)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_gradient_is_that_of_finite_differences(d):
    rng = np.random.default_rng(6)
    objective = pi.Objective(lag_covariances(oscillators(), 6).C)
    V, step = rng.standard_normal((3, 12, d)), 1e-5
    values, gradient = objective(V)
    for _ in range(5):
        D = rng.standard_normal(V.shape)
        slope = (objective(V + step * D)[0] - objective(V - step * D)[0]) / (2 * step)
        assert (gradient * D).sum(axis=(1, 2)) == pytest.approx(slope, rel=1e-6, abs=1e-7)
    # PI depends on the span alone, so there is no slope within it.
    np.testing.assert_allclose(V.swapaxes(1, 2) @ gradient, 0, atol=1e-9)
    for one, value in zip(V, values, strict=True):
        assert objective(one[None])[0] == pytest.approx(value, abs=1e-12)


@given(seeds, st.integers(1, 4), st.floats(1e-3, 1e3))
@settings(max_examples=25, deadline=None)
def test_pi_does_not_change_with_basis_rotation_scale_or_direction_of_time(seed, d, scale):
    rng = np.random.default_rng(seed)
    C = exact_lags(stable(rng, 6), np.eye(6), 6)
    V = rng.standard_normal((6, d))
    value = pi.predictive_information(C, V)
    rotation, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    basis = np.eye(d) + 0.3 * np.linalg.qr(rng.standard_normal((d, d)))[0]
    assert value >= -1e-9
    for other in (
        pi.predictive_information(scale**2 * C, V),
        pi.predictive_information(C, V @ basis),
        pi.predictive_information(rotation @ C @ rotation.T, rotation @ V),
        pi.predictive_information(C.transpose(0, 2, 1), V),
    ):
        assert other == pytest.approx(value, abs=1e-7)


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_subspaces_are_those_of_dca_followed_to_convergence(d):
    X = timescales()
    ours = DynamicalComponentsAnalysis(d, 3, rng=np.random.default_rng(0)).fit(X)
    original = dca.DynamicalComponentsAnalysis(d=d, T=3, tol=1e-13, rng_or_seed=0).fit(X)
    assert largest_angle(ours.coef_, original.coef_) < 0.1
    # The same coordinates, so that the rest of the interface can be compared too.
    original.coef_ = ours.coef_
    assert ours.score() == pytest.approx(float(original.score()), abs=1e-8)
    assert ours.score(X[:1000]) == pytest.approx(float(original.score(X[:1000])), abs=1e-8)
    for data in (X, X.reshape(20, 200, 12), list(X.reshape(20, 200, 12))):
        np.testing.assert_allclose(ours.transform(data), original.transform(data), atol=1e-10)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_local_optima_of_dca_are_among_ours(d):
    X = oscillators()
    ours = pi.search(lag_covariances(X, 6).C, d, rng=np.random.default_rng(0), n_starts=20)
    for seed in range(3):
        original = dca.DynamicalComponentsAnalysis(d=d, T=3, tol=1e-13, rng_or_seed=seed).fit(X)
        assert min(largest_angle(original.coef_, V) for V in ours.subspaces) < 0.1
        assert ours.pi.max() > original.score() - 1e-8


def test_planted_subspace_is_found_from_every_start_and_starts_repeat_with_their_seed():
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((20_000, 15))
    signal = var(0.95 * np.array([[0.8, -0.6], [0.6, 0.8]]), np.eye(2), 20_000, rng)
    plane = np.linalg.qr(rng.standard_normal((15, 2)))[0]
    # Outside of the plane the noise is larger than the signal, so variance leads astray.
    X = noise @ (5 * (np.eye(15) - plane @ plane.T)) + signal @ plane.T
    C = lag_covariances(X, 6).C
    found = pi.search(C, 2, rng=np.random.default_rng(0), n_starts=20)
    assert max(largest_angle(V, plane) for V in found.subspaces) < 1
    assert found.angle.max() < 0.1 and found.angle.min() < 1e-6 and found.initial_angle.min() > 20
    assert found.pi.shape == (20,) and found.subspaces.shape == (20, 15, 2)
    assert np.ptp(found.pi) < 1e-6
    assert largest_angle(pi.principal_subspace(C, 2), plane) > 80
    again = pi.search(C, 2, rng=np.random.default_rng(0), n_starts=20)
    np.testing.assert_array_equal(again.subspaces, found.subspaces)


def test_silent_units_change_nothing_and_take_no_part():
    X = timescales(8, n_units=6)
    with_silent = np.zeros((len(X), 9))
    with_silent[:, [0, 2, 3, 5, 6, 8]] = X
    with_silent[:, 4] = 1e-9 * np.random.default_rng(0).standard_normal(len(X))
    found, reference = lag_covariances(with_silent, 6), lag_covariances(X, 6)
    active = found.active
    assert active.tolist() == [True, False, True, True, False, True, True, False, True]
    assert found.added == 0.0 and np.count_nonzero(found.C[:, ~active]) == 0
    np.testing.assert_allclose(found.C[:, active][:, :, active], reference.C, atol=1e-12)
    best = pi.search(found.C, 2, rng=np.random.default_rng(1), n_starts=3)
    alone = pi.search(reference.C, 2, rng=np.random.default_rng(1), n_starts=3)
    np.testing.assert_allclose(best.pi, alone.pi, atol=1e-10)
    assert np.count_nonzero(best.subspaces[:, ~active]) == 0
    # dca finds the same projection, but keeps in the rows of the silent units what its random start had there.
    original = dca.DynamicalComponentsAnalysis(d=2, T=3, tol=1e-13, rng_or_seed=0).fit(with_silent)
    subspace = best.subspaces[np.argmax(best.pi)]
    assert largest_angle(subspace[active], original.coef_[active]) < 0.1
    assert largest_angle(subspace, original.coef_) > 10


def test_local_optima_are_told_apart():
    # Two rotations that do not mix: a plane of one of them is an optimum, but a direction of each says more.
    A = np.zeros((4, 4))
    for k, (radius, angle) in enumerate([(0.97, 0.3), (0.96, 2.0)]):
        c, s = radius * np.cos(angle), radius * np.sin(angle)
        A[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[c, -s], [s, c]]
    found = pi.search(exact_lags(A, np.eye(4), 6), 2, rng=np.random.default_rng(9), n_starts=20)
    worse = found.pi < found.pi.max() - 0.1
    assert 0 < worse.sum() < 20
    assert found.angle[worse].min() > 10


def test_fit_projection_reuses_the_statistics_for_another_d():
    model = DynamicalComponentsAnalysis(1, 3, rng=np.random.default_rng(0)).fit(oscillators())
    one = model.score()
    assert model.fit_projection(4).coef_.shape == (12, 4)
    assert model.score() > one and model.added_ == 0.0
    assert model.fit_transform(oscillators()).shape == (4000, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lag_covariances(np.zeros((3, 4, 5, 6)), 2), "time, unit"),
        (lambda: lag_covariances(np.ones((10, 2)), 10), "shorter|longer"),
        (lambda: lag_covariances(np.full((30, 2), np.nan), 4), "finite"),
        (lambda: lag_covariances(np.ones((30, 2)), 4), "varies"),
        (lambda: pi.Objective(np.ones((3, 2, 2))), "2T"),
        (lambda: pi.search(np.stack([np.eye(3)] * 2), 4, rng=np.random.default_rng(0)), "active units"),
        (lambda: pi.predictive_information(np.stack([np.eye(3), np.zeros((3, 3))]), np.ones((3, 2))), "dependent"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
