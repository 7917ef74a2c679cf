import dca
import numpy as np
import pytest
from dca.cov_util import calc_cross_cov_mats_from_data, calc_pi_from_cross_cov_mats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_discrete_lyapunov, subspace_angles
from scipy.signal import lfilter
from scipy.signal.windows import tukey

from benchmarks.dynamical_components import DynamicalComponentsAnalysis
from taskrnn.analysis.dca import predictive_information as pi
from taskrnn.analysis.dca.lag_covariances import FLOOR, faded, lag_covariances
from taskrnn.missing import Unmeasurable

seeds = st.integers(0, 2**32 - 1)
# dca 1.1.0 passes `disp` to SciPy, which is about to drop it.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:scipy.optimize. The `disp` and `iprint` options:DeprecationWarning"
)


def oscillators(seed=0, n_steps=4000, n_units=12):
    """Three noisy rotations of different frequency and decay, mixed into n_units, plus a little
    noise of each unit.
    """
    rng = np.random.default_rng(seed)
    A = np.zeros((6, 6))
    for k, (radius, angle) in enumerate([(0.98, 0.1), (0.95, 0.5), (0.9, 1.0)]):
        c, s = radius * np.cos(angle), radius * np.sin(angle)
        A[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[c, -s], [s, c]]
    x = var(A, np.eye(6), n_steps, rng)
    return (
        x @ rng.standard_normal((6, n_units)) + 0.5 * rng.standard_normal((n_steps, n_units)) + 3.0
    )


def timescales(seed=0, n_steps=4000, n_units=12):
    """Six modes of clearly different decay, mixed into n_units with noise of each unit: one optimum
    for every d.
    """
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
    "trials": oscillators().reshape(20, 200, 12),
    "list": np.split(oscillators(), [300, 317, 1500]),
    "float32": oscillators().astype(np.float32).reshape(20, 200, 12),
    "short": [oscillators(n_steps=60, n_units=2)],
}


def without_constant(found):
    """Lag covariances without what was added to the variances."""
    C = found.C.copy()
    C[0] -= found.added * np.eye(len(C[0]))
    return C


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("n_lags", [2, 10])
def test_lag_covariances_of_trials_are_those_of_dca(name, n_lags):
    X = DATA[name]
    # dca keeps float32 means, and with them float32 rounding.
    reference = [np.asarray(x, float) for x in X]
    found = lag_covariances(X, n_lags)
    np.testing.assert_allclose(
        without_constant(found),
        calc_cross_cov_mats_from_data(reference, n_lags),
        atol=1e-10,
        rtol=0,
    )
    assert found.active.all() and found.added == pytest.approx(
        FLOOR * found.C[0].diagonal().max(), rel=1e-5
    )


@pytest.mark.parametrize("n_lags", [2, 10])
def test_lag_covariances_of_a_session_are_sums_over_its_faded_steps(n_lags):
    X = oscillators(n_steps=600)
    weight = tukey(602, 0.1)[1:-1, None]
    y = np.pad(
        weight * (X - (weight**2 * X).sum(axis=0) / (weight**2).sum()), ((0, n_lags), (0, 0))
    )
    by_hand = [
        sum(np.outer(y[t + k], y[t]) for t in range(600)) / (weight**2).sum() for k in range(n_lags)
    ]
    np.testing.assert_allclose(without_constant(lag_covariances(X, n_lags)), by_hand, atol=1e-10)


def test_a_session_has_nearly_the_information_that_dca_finds_in_it():
    X = timescales(n_steps=20_000)
    found, reference = lag_covariances(X, 6).C, calc_cross_cov_mats_from_data(X, 6)
    V = pi.search(found, 3, rng=np.random.default_rng(0), n_starts=3).subspaces[0]
    assert pi.predictive_information(found, V) == pytest.approx(
        float(calc_pi_from_cross_cov_mats(reference, V)), rel=0.03
    )


def test_what_trials_lack_to_be_a_process_is_made_up_for_and_reported():
    # Trials that start far from where they end: the average along the diagonals is then no
    # covariance.
    rng = np.random.default_rng(0)
    start, end = rng.standard_normal((2, 8, 1, 6))
    X = (
        5 * start * np.exp(-np.arange(60) / 15)[:, None]
        + 3 * end
        + 0.01 * rng.standard_normal((8, 60, 6))
    )
    found = lag_covariances(X, 10)
    raw = np.array(without_constant(found))
    lag = np.subtract.outer(np.arange(10), np.arange(10))
    S = np.block([[raw[k] if k >= 0 else raw[-k].T for k in row] for row in lag])
    variance = raw[0].diagonal().max()
    assert found.added > 1e-3
    assert found.added == pytest.approx(FLOOR * variance - np.linalg.eigvalsh(S)[0], rel=1e-9)
    assert lag_covariances(oscillators().reshape(20, 200, 12), 10).added == pytest.approx(
        FLOOR * variance_of(oscillators()), rel=0.1
    )


def variance_of(X):
    return X.var(axis=0).max()


def ar1(n_units, n_steps, seed, phi=0.9):
    """Independent first-order autoregressive units (time, unit) with innovations of 0.1."""
    kicks = 0.1 * np.random.default_rng(seed).standard_normal((n_steps + 500, n_units))
    return lfilter([1], [1, -phi], kicks, axis=0)[500:]


def burst(at, height, n_steps):
    """A unit that fires once and decays, (time,)."""
    x = np.zeros(n_steps)
    x[at:] = height * 0.9 ** np.arange(n_steps - at)
    return x


def hard_sessions():
    """Sessions (time, unit) whose joint covariance is singular or nearly so, with the number of
    units that vary.
    """
    x = ar1(4, 1000, 1)
    yield "healthy", x
    yield "one burst", burst(400, 0.05, 1000)[:, None]
    yield "one burst beside others", np.column_stack([x, burst(400, 0.05, 1000)])
    yield (
        "two units share one burst",
        np.column_stack([x, burst(400, 0.05, 1000), burst(400, 0.015, 1000)]),
    )
    yield (
        "two bursts shared",
        np.column_stack(
            [x, *(h * (burst(300, 1, 1000) + burst(600, 1, 1000)) for h in (0.05, 0.015))]
        ),
    )
    yield "a burst at the first step", np.column_stack([x, burst(0, 0.05, 1000)])
    yield "two equal units", np.column_stack([x, x[:, 0]])
    yield "a sum of others", np.column_stack([x, x[:, 0] + x[:, 1], x.sum(axis=1)])
    yield "all equal", np.repeat(x[:, :1], 5, axis=1)
    yield "a ramp", np.linspace(0, 1, 1000)[:, None] * np.ones(3)
    yield (
        "a period",
        np.column_stack([np.cos(0.1 * np.arange(1000)), np.sin(0.1 * np.arange(1000))]),
    )
    yield "two values", np.random.default_rng(0).integers(0, 2, (1000, 3)).astype(float)
    yield "one large unit", np.column_stack([1e5 * x[:, 0], x[:, 1:]])
    yield "ends elsewhere", x + np.linspace(0, 3, 1000)[:, None]


@pytest.mark.parametrize(
    ("name", "X"), list(hard_sessions()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_finite_session_has_an_information_that_is_bounded_and_has_no_unit_and_no_order(
    name, X
):
    found = lag_covariances(X, 10)
    # The past alone has at most the entropy of independent steps of the largest variance, and with
    # the future at least that of the floor.
    bound = 5 * 0.5 * np.log(2 * X.shape[1] / FLOOR)
    for d in {1, int(found.active.sum())}:
        best = pi.search(found.C, d, rng=np.random.default_rng(0), n_starts=8).pi.max()
        assert -1e-9 <= best <= d * bound
        for scale in (1e-6, 1e6):
            other = lag_covariances(scale * X, 10)
            assert other.added == pytest.approx(scale**2 * found.added, rel=1e-9)
            assert pi.search(
                other.C, d, rng=np.random.default_rng(0), n_starts=8
            ).pi.max() == pytest.approx(best, rel=1e-6, abs=1e-8)
        turned = lag_covariances(X[:, ::-1], 10)
        np.testing.assert_array_equal(turned.active, found.active[::-1])
        assert turned.added == pytest.approx(found.added, rel=1e-12)
        assert pi.search(
            turned.C, d, rng=np.random.default_rng(1), n_starts=8
        ).pi.max() == pytest.approx(best, rel=1e-6, abs=1e-8)


def test_a_unit_that_says_nothing_new_adds_nothing():
    x = ar1(3, 20_000, 2)
    alone = pi.search(lag_covariances(x, 10).C, 3, rng=np.random.default_rng(0), n_starts=1).pi[0]
    for more in (x[:, :1], x[:, :1] + x[:, 1:2], burst(0, 0.05, 20_000)[:, None]):
        C = lag_covariances(np.column_stack([x, more]), 10).C
        assert pi.search(C, 3, rng=np.random.default_rng(0), n_starts=4).pi.max() == pytest.approx(
            alone, abs=0.05
        )


def test_information_that_is_the_same_everywhere_is_found_from_every_start():
    # Where the PI has no slope a step follows rounding alone, and may lead to columns that are
    # dependent.
    for units, seed in ((units, seed) for units in (1, 2, 3, 5) for seed in range(30)):
        C = lag_covariances(ar1(units, 1000, seed), 2).C
        assert np.ptp(pi.search(C, units, rng=np.random.default_rng(seed), n_starts=4).pi) < 1e-9
        white = np.stack([np.eye(units + 1), np.zeros((units + 1, units + 1))])
        assert (
            np.abs(pi.search(white, units, rng=np.random.default_rng(seed), n_starts=4).pi).max()
            < 1e-9
        )


def test_lag_k_is_from_the_present_to_the_future_and_not_the_reverse():
    # y repeats x three steps later, so x(t) predicts y(t + 3): C[3][y, x] is large and C[3][x, y]
    # is not.
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
    found = without_constant(lag_covariances(trials, 4))
    np.testing.assert_allclose(
        found, without_constant(lag_covariances(trials[::-1], 4)), atol=1e-12
    )
    # One trial at a time, each with its number of windows.
    windows = np.concatenate(
        [np.stack([x[i : len(x) - 3 + i] for i in range(4)], axis=1) for x in trials]
    )
    joint = np.einsum("wia,wjb->ijab", windows, windows) / (len(windows) - 1)
    by_hand = [np.mean([joint[i + k, i] for i in range(4 - k)], axis=0) for k in range(4)]
    np.testing.assert_allclose(found, by_hand, atol=1e-10)


def test_ar1_and_var1_have_their_predictive_information():
    for phi in (0.2, 0.9, -0.7):
        C = exact_lags(np.array([[phi]]), np.eye(1), 10)
        assert pi.predictive_information(C, np.eye(1)) == pytest.approx(
            -0.5 * np.log(1 - phi**2), abs=1e-10
        )
    rng = np.random.default_rng(5)
    A, root = stable(rng, 4), rng.standard_normal((4, 4))
    Q = root @ root.T + np.eye(4)
    S = solve_discrete_lyapunov(A, Q)
    expected = 0.5 * np.log(np.linalg.det(S) / np.linalg.det(Q))
    for T in (1, 5):
        assert pi.predictive_information(exact_lags(A, Q, 2 * T), np.eye(4)) == pytest.approx(
            expected, abs=1e-9
        )


@pytest.mark.parametrize("d", [1, 3, 6])
def test_pi_is_that_of_dca(d):
    C = lag_covariances(oscillators(), 10).C
    V = np.random.default_rng(d).standard_normal((12, d))
    assert pi.predictive_information(C, V) == pytest.approx(
        float(calc_pi_from_cross_cov_mats(C, V)), abs=1e-8
    )


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
    X = timescales().reshape(20, 200, 12)
    ours = DynamicalComponentsAnalysis(d, 3, rng=np.random.default_rng(0)).fit(X)
    original = dca.DynamicalComponentsAnalysis(d=d, T=3, tol=1e-13, rng_or_seed=0).fit(X)
    assert largest_angle(ours.coef_, original.coef_) < 0.1
    # The same coordinates, so that the rest of the interface can be compared too.
    original.coef_ = ours.coef_
    assert ours.score() == pytest.approx(float(original.score()), abs=1e-4)
    assert ours.score(X[:5]) == pytest.approx(float(original.score(X[:5])), abs=1e-4)
    for data in (X, X.reshape(4000, 12), list(X)):
        np.testing.assert_allclose(ours.transform(data), original.transform(data), atol=1e-10)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_local_optima_of_dca_are_among_ours(d):
    X = [oscillators()]
    ours = pi.search(lag_covariances(X, 6).C, d, rng=np.random.default_rng(0), n_starts=20)
    for seed in range(3):
        original = dca.DynamicalComponentsAnalysis(d=d, T=3, tol=1e-13, rng_or_seed=seed).fit(X)
        assert min(largest_angle(original.coef_, V) for V in ours.subspaces) < 0.1
        assert ours.pi.max() > original.score() - 1e-4


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
    assert found.added == reference.added and np.count_nonzero(found.C[:, ~active]) == 0
    np.testing.assert_allclose(found.C[:, active][:, :, active], reference.C, atol=1e-12)
    best = pi.search(found.C, 2, rng=np.random.default_rng(1), n_starts=3)
    alone = pi.search(reference.C, 2, rng=np.random.default_rng(1), n_starts=3)
    np.testing.assert_allclose(best.pi, alone.pi, atol=1e-10)
    assert np.count_nonzero(best.subspaces[:, ~active]) == 0
    # dca finds the same projection, but keeps in the rows of the silent units what its random start
    # had there.
    original = dca.DynamicalComponentsAnalysis(d=2, T=3, tol=1e-13, rng_or_seed=0).fit(
        [faded(with_silent)]
    )
    subspace = best.subspaces[np.argmax(best.pi)]
    assert largest_angle(subspace[active], original.coef_[active]) < 0.1
    assert largest_angle(subspace, original.coef_) > 10


def test_local_optima_are_told_apart():
    # Two rotations that do not mix: a plane of one of them is an optimum, but a direction of each
    # says more.
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
    assert model.score() > one and 0 < model.added_ < 2e-6 * oscillators().var(axis=0).max()
    assert model.fit_transform(oscillators()).shape == (4000, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lag_covariances(np.zeros((3, 4, 5, 6)), 2), "time, unit"),
        (lambda: lag_covariances(np.ones((10, 2)), 10), "shorter|longer"),
        (lambda: lag_covariances(np.ones((30, 2)), 4, floor=0), "floor"),
        (lambda: pi.Objective(np.ones((3, 2, 2))), "2T"),
        (
            lambda: pi.search(np.stack([np.eye(3)] * 2), 2, rng=np.random.default_rng(0)),
            "covariance",
        ),
        (
            lambda: pi.search(
                np.stack([np.eye(3), 0 * np.eye(3)]), 2, rng=np.random.default_rng(0), n_starts=0
            ),
            "n_starts",
        ),
        (
            lambda: pi.predictive_information(
                np.stack([np.eye(3), np.zeros((3, 3))]), np.ones((3, 2))
            ),
            "dependent",
        ),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words) as error:
        call()
    assert not isinstance(error.value, Unmeasurable)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lag_covariances(np.full((30, 2), np.nan), 4), "finite"),
        (lambda: lag_covariances(np.ones((30, 2)), 4), "varies"),
        (lambda: lag_covariances(np.zeros((30, 0)), 4), "varies"),
        (lambda: lag_covariances(1e200 * ar1(2, 100, 0), 4), "square"),
        (lambda: lag_covariances(1e308 * np.sign(ar1(2, 100, 0)), 4), "square"),
        (lambda: lag_covariances(1e-200 * ar1(2, 100, 0), 4), "square"),
        (
            lambda: pi.search(
                np.stack([np.eye(3), 0 * np.eye(3)]), 4, rng=np.random.default_rng(0)
            ),
            "active units",
        ),
    ],
)
def test_activity_without_information_says_why(call, words):
    with pytest.raises(Unmeasurable, match=words):
        call()
