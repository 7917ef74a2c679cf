"""Claims F1 to F4 and G2 to G7 by hand."""

import numpy as np
import pytest
import xarray as xr

from taskrnn.claims import chaos, slow_points
from taskrnn.claims.ledger import CLAIMS
from taskrnn.statistics import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, Interval

N, STEPS = 6, 5
SPREAD = np.linspace(-0.1, 0.1, N)  # over networks, small beside every effect below


def landscape(*, found=(1, 1), distance=(0.01, 0.01), time=(2.0, 4.0, 2.0), switched=(0.1, 0.3, 0.1), unstable=(0, 0)):
    """What is measured of N networks: before and after training, and under a random change where there is a third number."""
    when, ones = ["before", "after"], np.ones((2, N, STEPS))
    scale = np.array(found)[:, None, None] * ones
    factor = np.exp(SPREAD)[:, None]
    return xr.Dataset(
        {
            "found": (("when", "network", "step"), scale),
            "unstable": (("when", "network", "step"), np.array(unstable)[:, None, None] * ones),
            "continua": (("when", "network", "step"), 0 * ones),
            "end_found": (("when", "network", "trial", "epoch"), scale[..., :4].reshape(2, N, 2, 2)),
            "end_distance": (("when", "network", "trial", "epoch"), np.array(distance)[:, None, None, None] * np.ones((2, N, 2, 2))),
            "time_constant": (("when", "network", "step"), np.array(time[:2])[:, None, None] * factor * ones),
            "random_time_constant": (("network", "draw", "step"), time[2] * factor[:, None] * np.ones((N, 3, STEPS))),
            "switched": (("when", "network"), np.array(switched[:2])[:, None] + 0.1 * SPREAD * ones[..., 0]),
            "random_switched": (("network", "draw"), switched[2] + 0.1 * SPREAD[:, None] * np.ones((N, 3))),
        },
        coords={"when": when},
    )


FAILING = landscape(found=(1, 0), distance=(0.5, 0.5), time=(2, 1, 2), switched=(0.3, 0.1, 0.3))


@pytest.mark.parametrize(
    ("claim", "settings", "verdict"),
    [
        (slow_points.f1, {}, CHANCE),
        (slow_points.f1, {"distance": (0.5, 0.1)}, SUPPORTED),
        (slow_points.f1, {"found": (9, 3)}, SUPPORTED),
        (slow_points.f1, {"distance": (0.5, 0.11)}, CONTRADICTED),
        (slow_points.f1, {"found": (1, 4)}, CONTRADICTED),
        (slow_points.f1, {"distance": (0.5, np.nan)}, CONTRADICTED),
        (slow_points.f2, {}, CHANCE),
        (slow_points.f2, {"found": (3, 1)}, SUPPORTED),
        (slow_points.f2, {"found": (1, 0)}, CONTRADICTED),
        (slow_points.f2, {"unstable": (0, 1)}, CONTRADICTED),
        (slow_points.f3, {}, SUPPORTED),
        (slow_points.f3, {"time": (2.0, 4.0, 4.1)}, CHANCE),
        (slow_points.f3, {"time": (4.0, 2.0, 4.0)}, CONTRADICTED),
        (slow_points.f3, {"time": (2.0, np.inf, 2.0)}, UNDECIDED),
        (slow_points.f4, {}, SUPPORTED),
        (slow_points.f4, {"switched": (0.1, 0.3, 0.5)}, CHANCE),
        (slow_points.f4, {"switched": (0.3, 0.1, 0.3)}, CONTRADICTED),
    ],
)
def test_claims_about_slow_points(claim, settings, verdict):
    both = claim({"perception": landscape(**settings), "decision": landscape(**settings)})
    assert both.verdict == verdict and both.claim in CLAIMS
    # One task that fails is enough.
    if verdict == SUPPORTED:
        assert claim({"perception": landscape(**settings), "decision": FAILING}).verdict == CONTRADICTED


def test_one_network_contradicts_a_claim_about_every_network():
    found = landscape(distance=(0.5, 0.01))
    found.end_distance[1, 2, 1, 1] = 0.2
    assert slow_points.f1({"decision": found}).verdict == CONTRADICTED


def regimes(largest):
    shape = ("when", "network", "drive")
    values = np.broadcast_to(np.array(largest, dtype=float)[..., None], (2, N, 2))
    return xr.Dataset(
        {
            "exponent": (shape, values),
            "drift": (shape, 0 * values),
            "growth_map": (("when", "network", "condition"), values),
            "found": (("when", "network", "condition"), np.ones((2, N, 2))),
        },
        coords={"when": ["before", "after"], "drive": ["autonomous", "driven"]},
    )


@pytest.mark.parametrize(
    ("found", "after", "verdict"),
    [
        ((1, 3), [-0.1] * N, SUPPORTED),
        ((1, 1), [-0.1] * N, UNDECIDED),
        ((3, 1), [-0.1] * N, CONTRADICTED),
        ((1, 3), [-0.1] * (N - 1) + [0.1], CONTRADICTED),
        ((1, 1), [-0.1] * (N - 1) + [0.1], UNDECIDED),
    ],
)
def test_more_points_without_chaos(found, after, verdict):
    assert chaos.g5({"decision": landscape(found=found)}, {"decision": regimes([[-0.1] * N, after])}).verdict == verdict


@pytest.mark.parametrize(
    ("growth", "exponent", "verdict"),
    [
        (Interval(0.1, 0.05, 0.15), Interval(0.1, 0.05, 0.15), SUPPORTED),
        (Interval(0.0, 0.0, 0.0), Interval(0.1, 0.05, 0.15), CONTRADICTED),
        (Interval(0.1, -0.05, 0.25), Interval(0.1, 0.05, 0.15), UNDECIDED),
        (Interval(0.1, -0.05, 0.25), Interval(-0.1, -0.2, -0.05), SUPPORTED),
        (Interval(0.1, 0.05, 0.15), Interval(-0.1, -0.2, -0.05), CONTRADICTED),
        (Interval(0.1, 0.05, 0.15), Interval(0.0, -0.2, 0.05), UNDECIDED),
    ],
)
def test_proliferation_with_chaos(growth, exponent, verdict):
    assert chaos.proliferates_with_chaos(growth, exponent) == verdict


def test_growth_rates_and_exponents_are_judged_together():
    sizes = np.array([4, 8, 12])
    points = np.exp(0.2 * sizes)[None, :, None] * np.exp(SPREAD)[:, None, None] * np.ones((N, 3, 2))
    growth = {g: chaos.growth_statistic(g, sizes, points, Interval(0.2, 0.15, 0.25)) for g in chaos.NEAR_TRANSITION}
    np.testing.assert_allclose(growth[1.2].values, 0.2)
    same, other = ({g: value + 0.1 * SPREAD for g in growth} for value in (0.2, 0.6))
    assert chaos.g4(growth, same).verdict == SUPPORTED and chaos.g4(growth, other).verdict == CONTRADICTED
    assert chaos.g3(growth, same).verdict == SUPPORTED
    assert chaos.g3(growth, {g: -value for g, value in same.items()}).verdict == CONTRADICTED


def test_the_critical_gain_moves_with_input():
    without = 1.4 + 0.1 * SPREAD
    moved, same = without + 0.5 + SPREAD, without + SPREAD - SPREAD.mean()
    assert chaos.g2({"ReLU": (without, moved), "tanh": (without, moved)}).verdict == SUPPORTED
    assert chaos.g2({"ReLU": (without, same), "tanh": (without, moved)}).verdict == UNDECIDED
    assert chaos.g2({"ReLU": (without, moved), "tanh": (moved, without)}).verdict == CONTRADICTED
    assert chaos.g2({"ReLU": (without, np.full(N, np.nan))}).verdict == UNDECIDED


def reservoirs(loss, trained, exponent=0.1):
    """ReLU and tanh at three gains; the loss is (activation, gain), NaN where activity has no bound."""
    loss = np.array(loss) * np.exp(SPREAD)[:, None, None]
    over = ("network", "activation", "gain")
    return xr.Dataset(
        {
            "squared_error": (over, loss),
            "error": (over, loss),
            "exponent": ((*over, "drive"), np.broadcast_to(exponent * np.array([-1, 0.5, 1])[:, None] + 0.1 * exponent * SPREAD[:, None, None, None], (N, 2, 3, 2))),
            "own_squared_error": (("network", "when", "readout"), trained * np.ones((N, 2, 2))),
        },
        coords={"activation": ["ReLU", "tanh"], "gain": [0.5, 1.0, 1.5], "drive": ["autonomous", "driven"], "when": ["before", "after"], "readout": ["own", "fitted"]},
    )


def test_the_best_reservoir_is_the_best_of_those_that_are_bounded():
    best = chaos.best(reservoirs([[3.0, 2.0, np.nan], [5.0, 1.0, 4.0]], 1.0))
    assert best.activation.values.tolist() == ["tanh"] * N and best.gain.values.tolist() == [1.0] * N
    np.testing.assert_allclose(best.squared_error, np.exp(SPREAD))
    assert np.isnan(chaos.best(reservoirs(np.full((2, 3), np.nan), 1.0)).squared_error).all()


def test_reservoirs_are_judged_at_their_best():
    worse, better = (reservoirs([[3.0, 2.0, np.nan], [5.0, 1.5, 4.0]], trained) for trained in (1.0, 2.0))
    assert chaos.g6({"perception": worse, "decision": worse}).verdict == SUPPORTED
    assert chaos.g6({"perception": worse, "decision": better}).verdict == CONTRADICTED
    chaotic, stable = reservoirs([[9, 9, 9], [3, 2, 1]], 1.0), reservoirs([[0, 0, 0], [1, 2, 3]], 1.0)
    assert chaos.g7({"perception": chaotic, "decision": chaotic}).verdict == SUPPORTED
    assert chaos.g7({"perception": chaotic, "decision": stable}).verdict == CONTRADICTED
