import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from taskrnn.activation import leaky_relu
from taskrnn.lyapunov import lyapunov

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


def step(r, W, now, slope, alpha):
    total = W @ r + now
    return (1 - alpha) * r + alpha * np.maximum(total, slope * total)


def brute_force(W, drive, theta, alpha, skip):
    """Growth of a real perturbation of the trajectory, brought back to length 1e-7 after every step."""
    slope, size = math.tan(theta), 1e-7
    r = np.zeros(len(W))
    other = r + size / np.sqrt(len(W))
    logs = []
    for now in drive:
        r, other = step(r, W, now, slope, alpha), step(other, W, now, slope, alpha)
        distance = np.linalg.norm(other - r)
        logs.append(math.log(distance / size))
        other = r + (other - r) * size / distance
    return np.mean(logs[skip:]) / alpha


@pytest.mark.parametrize("alpha", [0.1, 0.5])
def test_whole_spectrum_of_a_linear_network(alpha):
    rng = np.random.default_rng(0)
    W = network(rng, 2, 8, 0.8)
    W = (W + W.swapaxes(1, 2)) / 2  # real eigenvalues: no oscillation left over at the end
    drive = autonomous(np.ones((2, 8)), 6000)
    result = lyapunov(W, drive, rng=rng, activation=LINEAR, alpha=alpha, n_exponents=8, alignment=3000)
    assert result.exponents == pytest.approx(linear_exponents(W, alpha), abs=1e-6)
    assert np.abs(result.drift).max() < 1e-5
    assert result.log_zeros.tolist() == [0, 0]


def test_mean_exponent_without_self_connections():
    # Exact for a triangular W, whose eigenvalues are its diagonal: the mean is ln|det J| / N.
    W = np.triu(np.random.default_rng(1).standard_normal((1, 6, 6)), 1)
    result = lyapunov(
        W, autonomous(np.zeros((1, 6)), 20000), rng=np.random.default_rng(1), activation=LINEAR, n_exponents=6
    )
    assert result.exponents.mean() == pytest.approx(math.log(0.9) / 0.1, abs=1e-9)
    assert result.exponents[0] == pytest.approx(np.full(6, math.log(0.9) / 0.1), abs=0.02)


def test_rotation_within_the_error_it_reports():
    rng = np.random.default_rng(2)
    W = network(rng, 5, 30, 0.8)
    result = lyapunov(W, autonomous(np.ones((5, 30)), 6000), rng=rng, activation=LINEAR)
    assert result.exponents == pytest.approx(linear_exponents(W, 0.1)[:, :1], abs=0.01)


@pytest.mark.parametrize("gain, theta", [(1.0, 0.0), (0.9, 0.3)])
def test_driven_network_against_a_real_perturbation(gain, theta):
    rng = np.random.default_rng(3)
    W = network(rng, 2, 60, gain)
    drive = 0.5 * rng.standard_normal((2, 1, 60)) + 0.1 * rng.standard_normal((2, 3000, 60))
    result = lyapunov(W, drive, rng=rng, activation=leaky_relu(theta))
    brute = [brute_force(w, d, theta, 0.1, 600) for w, d in zip(W, drive, strict=True)]
    assert result.exponents[:, 0] == pytest.approx(brute, abs=0.005)
    assert (result.exponents < 0).all()


def test_chaotic_network_against_a_real_perturbation():
    rng = np.random.default_rng(3)
    # Inhibition on the mean keeps the strong network bounded, so that it is chaotic and not divergent.
    W = network(rng, 2, 100, 6.0)[1:] - 30 / 100
    drive = 5 + 0.5 * rng.standard_normal((1, 1, 100)) + 0.1 * rng.standard_normal((1, 6000, 100))
    exponent = lyapunov(W, drive, rng=rng).exponents[0, 0]
    # Two computations of a chaotic trajectory part company: the averages agree, not the paths.
    assert exponent == pytest.approx(brute_force(W[0], drive[0], 0.0, 0.1, 600), abs=0.04)
    assert exponent > 0.05


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10))
def test_order_of_units_and_scale_of_activity_do_not_matter(seed, scale):
    rng = np.random.default_rng(seed)
    W, b = network(rng, 1, 12, 0.8), rng.standard_normal((1, 12))
    order = rng.permutation(12)
    one = lyapunov(W, autonomous(b, 2000), rng=np.random.default_rng(0), n_exponents=12)
    two = lyapunov(
        W[:, order][:, :, order], scale * autonomous(b[:, order], 2000), rng=np.random.default_rng(1), n_exponents=12
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


def test_bad_input_is_named():
    rng, W, drive = np.random.default_rng(0), np.zeros((1, 3, 3)), np.zeros((1, 700, 3))
    with pytest.raises(ValueError, match="must be"):
        lyapunov(W[0], drive, rng=rng)
    with pytest.raises(ValueError, match="700 steps of drive leave 0 to count"):
        lyapunov(W, drive, rng=rng, transient=400)
    with pytest.raises(ValueError, match="n_exponents is 4"):
        lyapunov(W, drive, rng=rng, n_exponents=4)
    with pytest.raises(FloatingPointError, match=r"Networks \[0\] diverge"):
        lyapunov(W + 100.0, drive + 1, rng=rng)
