import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrnn.analysis.stability.lyapunov import LIMIT, N_SAMPLES, lyapunov
from taskrnn.networks.activation import RELU, TANH, leaky_relu

LINEAR = leaky_relu(math.pi / 4)


def network(rng, n_networks, n, gain):
    W = gain / np.sqrt(n) * rng.standard_normal((n_networks, n, n))
    W[:, range(n), range(n)] = 0
    return W


def autonomous(b, n_steps):
    return np.broadcast_to(b[:, None], (len(b), n_steps, b.shape[1]))


def linear_exponents(W, alpha):
    rates = np.log(np.abs(1 + alpha * (np.linalg.eigvals(W) - 1))) / alpha
    return np.sort(rates, axis=1)[:, ::-1]


def brute_force(W, drive, activation, alpha, skip):
    """Growth of a real perturbation of the trajectory, brought back to length 1e-7 after every
    step.
    """
    size = 1e-7
    r = np.zeros(len(W))
    other = r + size / np.sqrt(len(W))
    logs = []
    for now in drive:
        r, other = ((1 - alpha) * x + alpha * activation.value(W @ x + now) for x in (r, other))
        distance = np.linalg.norm(other - r)
        logs.append(math.log(distance / size))
        other = r + (other - r) * size / distance
    return np.mean(logs[skip:]) / alpha


def jacobians(W, drive, activation, alpha):
    """Every Jacobian along the trajectory from rest, formed as a matrix."""
    r = np.zeros(len(W))
    for now in drive:
        total = W @ r + now
        r = (1 - alpha) * r + alpha * activation.value(total)
        yield (1 - alpha) * np.eye(len(W)) + alpha * np.diag(activation.slope(total)) @ W


def plain(W, drive, frame, activation, alpha, *, transient, alignment):
    """Whole spectrum by a QR after every step."""
    logs = []
    for t, J in enumerate(jacobians(W, drive, activation, alpha)):
        if t >= transient:
            frame, R = np.linalg.qr(J @ frame)
            logs.append(np.log(np.abs(np.diag(R))))
    return np.sort(np.mean(logs[alignment:], axis=0) / alpha)[::-1]


@pytest.mark.parametrize("alpha", [0.1, 0.5])
def test_whole_spectrum_of_a_linear_network(alpha):
    rng = np.random.default_rng(0)
    W = network(rng, 2, 8, 0.8)
    W = (W + W.swapaxes(1, 2)) / 2  # real eigenvalues: no oscillation left over at the end
    drive = autonomous(np.ones((2, 8)), 6000)
    result = lyapunov(
        W, drive, rng=rng, activation=LINEAR, alpha=alpha, n_exponents=8, alignment=3000
    )
    assert result.exponents == pytest.approx(linear_exponents(W, alpha), abs=1e-6)
    assert np.abs(result.drift).max() < 1e-5
    assert result.log_zeros.tolist() == [0, 0]


@pytest.mark.parametrize("activation", [RELU, TANH], ids=lambda f: f.name)
def test_whole_spectrum_at_a_stable_fixed_point(activation):
    rng = np.random.default_rng(5)
    W, b = network(rng, 1, 8, 0.6), rng.standard_normal((1, 8))
    W = (
        W + W.swapaxes(1, 2)
    ) / 2  # D W has real eigenvalues then, as it is similar to a symmetric matrix
    result = lyapunov(
        W,
        autonomous(b, 12000),
        rng=rng,
        activation=activation,
        n_exponents=8,
        transient=2000,
        alignment=6000,
    )
    r = np.zeros(8)
    for _ in range(2000):
        r += 0.1 * (activation.value(W[0] @ r + b[0]) - r)
    DW = activation.slope(W[0] @ r + b[0])[:, None] * W[0]
    assert result.exponents == pytest.approx(linear_exponents(DW[None], 0.1), abs=1e-6)


@pytest.mark.parametrize("alpha", [0.1, 0.5])
@pytest.mark.parametrize("activation", [RELU, leaky_relu(0.3), TANH], ids=lambda f: f.name)
def test_whole_spectrum_is_that_of_a_qr_after_every_step(activation, alpha):
    rng = np.random.default_rng(6)
    W = network(rng, 2, 40, 1.2)
    drive = rng.standard_normal((2, 1, 40)) + 0.5 * rng.standard_normal((2, 900, 40))
    options = {"transient": 100, "alignment": 300}
    result = lyapunov(
        W,
        drive,
        rng=np.random.default_rng(7),
        activation=activation,
        alpha=alpha,
        n_exponents=40,
        **options,
    )
    frame, _ = np.linalg.qr(np.random.default_rng(7).standard_normal((40, 40)))
    expected = [
        plain(w, d, frame, activation, alpha, **options) for w, d in zip(W, drive, strict=True)
    ]
    assert result.exponents == pytest.approx(np.array(expected), abs=1e-9)
    assert (result.interval > 1).all()
    assert (result.condition < LIMIT).all()


def test_fast_directions_do_not_drown_slow_ones():
    # After two steps the condition number is 1e12: a QR can wait for one step and no longer.
    factors = np.array([1, 1e-2, 1e-4, 1e-6])
    V, _ = np.linalg.qr(np.random.default_rng(8).standard_normal((4, 4)))
    W = (V * (1 + (factors - 1) / 0.5)) @ V.T
    result = lyapunov(
        W[None],
        np.zeros((1, 700, 4)),
        rng=np.random.default_rng(9),
        activation=LINEAR,
        alpha=0.5,
        n_exponents=4,
    )
    assert result.exponents[0] == pytest.approx(np.log(factors) / 0.5, abs=1e-7)
    assert result.interval == [1]


def test_mean_exponent_without_self_connections():
    # Exact for a triangular W, whose eigenvalues are its diagonal: the mean is ln|det J| / N.
    W = np.triu(np.random.default_rng(1).standard_normal((1, 6, 6)), 1)
    result = lyapunov(
        W,
        autonomous(np.zeros((1, 6)), 20000),
        rng=np.random.default_rng(1),
        activation=LINEAR,
        n_exponents=6,
    )
    assert result.exponents.mean() == pytest.approx(math.log(0.9) / 0.1, abs=1e-9)
    assert result.exponents[0] == pytest.approx(np.full(6, math.log(0.9) / 0.1), abs=0.02)


@pytest.mark.parametrize("activation", [RELU, TANH], ids=lambda f: f.name)
def test_sum_of_the_spectrum_is_the_contraction_of_volume(activation):
    rng = np.random.default_rng(10)
    W, drive = network(rng, 1, 20, 1.3), rng.standard_normal((1, 800, 20))
    result = lyapunov(W, drive, rng=rng, activation=activation, n_exponents=20)
    volumes = [np.linalg.slogdet(J)[1] for J in jacobians(W[0], drive[0], activation, 0.1)]
    assert result.exponents.sum() == pytest.approx(np.mean(volumes[600:]) / 0.1, abs=1e-10)


def test_running_estimate_is_that_of_shorter_runs():
    rng = np.random.default_rng(11)
    W, drive = network(rng, 2, 12, 0.9), rng.standard_normal((2, 1000, 12))
    options = {"n_exponents": 12, "transient": 100, "alignment": 100}
    whole = lyapunov(W, drive, rng=np.random.default_rng(0), **options)
    half = lyapunov(W, drive[:, :600], rng=np.random.default_rng(0), **options)
    assert whole.times == pytest.approx(80 / N_SAMPLES * np.arange(1, N_SAMPLES + 1))
    assert whole.running.shape == (2, N_SAMPLES, 12)
    assert (whole.running[:, -1] == whole.exponents).all()
    assert np.sort(whole.running[:, N_SAMPLES // 2 - 1]) == pytest.approx(
        half.exponents[:, ::-1], abs=1e-10
    )
    assert whole.drift == pytest.approx(
        2 * (whole.exponents - whole.running[:, N_SAMPLES // 2 - 1]), abs=1e-10
    )


def test_a_batch_is_its_networks_one_by_one():
    rng = np.random.default_rng(12)
    W, drive, initial = (
        network(rng, 3, 15, 1.0),
        rng.standard_normal((3, 700, 15)),
        rng.standard_normal((3, 15)),
    )
    whole = lyapunov(W, drive, rng=np.random.default_rng(0), n_exponents=4, initial=initial)
    for k in range(3):
        one = lyapunov(
            W[k : k + 1],
            drive[k : k + 1],
            rng=np.random.default_rng(0),
            n_exponents=4,
            initial=initial[k : k + 1],
        )
        for name in ("exponents", "drift", "log_zeros", "running", "interval", "condition"):
            assert (getattr(one, name)[0] == getattr(whole, name)[k]).all(), name


def test_rotation_within_the_error_it_reports():
    rng = np.random.default_rng(2)
    W = network(rng, 5, 30, 0.8)
    result = lyapunov(W, autonomous(np.ones((5, 30)), 6000), rng=rng, activation=LINEAR)
    assert result.exponents == pytest.approx(linear_exponents(W, 0.1)[:, :1], abs=0.01)


@pytest.mark.parametrize(("gain", "theta"), [(1.0, 0.0), (0.9, 0.3)])
def test_driven_network_against_a_real_perturbation(gain, theta):
    rng = np.random.default_rng(3)
    W = network(rng, 2, 60, gain)
    drive = 0.5 * rng.standard_normal((2, 1, 60)) + 0.1 * rng.standard_normal((2, 3000, 60))
    result = lyapunov(W, drive, rng=rng, activation=leaky_relu(theta))
    brute = [brute_force(w, d, leaky_relu(theta), 0.1, 600) for w, d in zip(W, drive, strict=True)]
    assert result.exponents[:, 0] == pytest.approx(brute, abs=0.005)
    assert (result.exponents < 0).all()


def test_chaotic_network_against_a_real_perturbation():
    rng = np.random.default_rng(3)
    # Inhibition on the mean keeps the strong network bounded, so that it is chaotic and not
    # divergent.
    W = network(rng, 2, 100, 6.0)[1:] - 30 / 100
    drive = 5 + 0.5 * rng.standard_normal((1, 1, 100)) + 0.1 * rng.standard_normal((1, 6000, 100))
    exponent = lyapunov(W, drive, rng=rng).exponents[0, 0]
    # Two computations of a chaotic trajectory part company: the averages agree, not the paths.
    assert exponent == pytest.approx(brute_force(W[0], drive[0], RELU, 0.1, 600), abs=0.04)
    assert exponent > 0.05


def test_chaotic_tanh_network_against_a_real_perturbation():
    rng = np.random.default_rng(4)
    W, drive = network(rng, 1, 100, 4.0), autonomous(0.1 * rng.standard_normal((1, 100)), 12000)
    result = lyapunov(W, drive, rng=rng, activation=TANH)
    assert result.exponents[0, 0] == pytest.approx(
        brute_force(W[0], drive[0], TANH, 0.1, 600), abs=0.04
    )
    assert result.exponents[0, 0] > 0.1


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10))
def test_order_of_units_and_scale_of_activity_do_not_matter(seed, scale):
    rng = np.random.default_rng(seed)
    W, b = network(rng, 1, 12, 0.8), rng.standard_normal((1, 12))
    order = rng.permutation(12)
    one = lyapunov(W, autonomous(b, 2000), rng=np.random.default_rng(0), n_exponents=12)
    two = lyapunov(
        W[:, order][:, :, order],
        scale * autonomous(b[:, order], 2000),
        rng=np.random.default_rng(1),
        n_exponents=12,
    )
    assert two.exponents == pytest.approx(one.exponents, abs=0.05)
    assert two.exponents.sum() == pytest.approx(one.exponents.sum(), abs=1e-6)


def test_singular_jacobian_is_counted_not_hidden():
    # With alpha = 1 a silent unit forgets its state in one step.
    W = np.array([[[0.5, 0.0], [0.0, 0.5]]])
    drive = autonomous(np.array([[1.0, -1.0]]), 700)
    result = lyapunov(W, drive, rng=np.random.default_rng(0), alpha=1.0, n_exponents=2)
    assert result.exponents[0] == pytest.approx([math.log(0.5), -math.inf])
    assert result.log_zeros == [100]
    assert np.isnan(result.drift[0, 1])


def test_singular_jacobian_within_a_stretch_is_found():
    W = np.array([[[0.5, 0.0], [0.0, 0.45]]])
    drive = np.ones((1, 700, 2))
    drive[:, 13::40, 1] = -1
    result = lyapunov(W, drive, rng=np.random.default_rng(0), alpha=1.0, n_exponents=2)
    assert result.exponents[0] == pytest.approx([math.log(0.5), -math.inf])
    assert result.log_zeros == [(drive[0, 600:, 1] < 0).sum()]
    assert result.condition == [math.inf]
    assert result.interval > 2


def test_bad_input_is_named():
    rng, W, drive = np.random.default_rng(0), np.zeros((1, 3, 3)), np.zeros((1, 700, 3))
    wrong = {
        "must be": {"W": W[0]},
        "initial": {"initial": np.zeros(3)},
        "W must hold finite": {"W": W + np.nan},
        "700 steps of drive leave 0 to count": {"transient": 400},
        "alignment is -1": {"alignment": -1},
        "n_exponents is 4": {"n_exponents": 4},
        "alpha is 0": {"alpha": 0},
    }
    for sentence, options in wrong.items():
        with pytest.raises(ValueError, match=sentence):
            lyapunov(**{"W": W, "drive": drive, "rng": rng} | options)
    with pytest.raises(FloatingPointError, match=r"Networks \[1\] diverge"):
        lyapunov(np.concatenate([W, W + 100.0]), np.ones((2, 700, 3)), rng=rng)
