"""Every claim on ensembles whose answer is known: it is true, or only its null is.

Each builder makes what the claim reads of ten networks, by default so that the claim is true, and
gives the `Result`. All networks spread around the numbers that are asked for, exactly so on
average, so that no word hangs on the draw.
"""

import numpy as np
import pytest
import test_architectures as architectures
import test_complexity as complexity
import test_counting_study as counting
import test_dimension as dimension
import test_initialisation as initialisation
import test_oscillation as oscillation
import test_several_tasks as several_tasks
import test_sparsity_study as sparsity
import xarray as xr
from draws import N

from studies.chaos import claims as chaos
from studies.chaos.summary import counted_rates
from studies.criteria import CLAIMS
from studies.latent_space import claims as latent_space
from studies.nonlinearity import claims as nonlinearity
from studies.predictive_subspaces import claims as predictive_subspaces
from studies.readout import claims as readout
from studies.regime import claims as regime
from studies.slow_points import claims as slow_points
from studies.subtle_changes import claims as subtle_changes
from studies.training import claims as training
from taskrnn.analysis.geometry import RANDOM_TO_PLANE
from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, WEAKER

WHEN, BOTH_TIMES = ["before", "after"], ("network", "when")
DIMENSIONS = np.arange(1, 4)


def both(make):
    """What `make` draws, for each of the two tasks by itself."""
    return {task: make() for task in ("perception", "decision")}


def along(values, **sizes):
    """Values (network, ...) repeated along new axes at the end."""
    shape = (*np.shape(values), *sizes.values())
    return np.broadcast_to(np.reshape(values, np.shape(values) + (1,) * len(sizes)), shape)


def p1(draws, *, untrained=0):
    """`untrained` networks have a small error before training."""
    error = np.stack([np.where(draws.some(n), 0.02, 0.3) for n in (untrained, N)], axis=1)
    axes = (*BOTH_TIMES, "level")
    return training.p1(xr.DataArray(along(error, level=2), dims=axes, coords={"when": WHEN}))


def p2(draws, *, untrained=0):
    """`untrained` networks are right before training."""
    accuracy = np.stack([np.where(draws.some(n), 0.99, 0.5) for n in (untrained, N)], axis=1)
    values = {"accuracy": accuracy, "reversal": 0 * accuracy, "spearman": 0 * accuracy - 1}
    curves = {name: (BOTH_TIMES, value) for name, value in values.items()}
    return training.p2(xr.Dataset(curves, {"when": WHEN}))


def l1(draws, *, before=3, after=8, bic=100):
    values = {"ratio": (before, after), "delta_bic": (bic, bic), "n_modes": (2, 2)}
    found = {
        name: ((*BOTH_TIMES, "space"), along(draws.times(*ends), space=2))
        for name, ends in values.items()
    }
    return latent_space.l1(xr.Dataset(found, {"when": WHEN, "space": ["dca", "pca"]}))


def l2(draws, *, before=10, after=70):
    names = ("to_plane", "to_steady_plane", "to_line")
    found = {name: (BOTH_TIMES, draws.times(before, after, sd=1)) for name in names}
    return latent_space.l2(xr.Dataset(found, {"when": WHEN}))


def l3(draws, *, share=0.97, angle=1, initial=80, sessions=2):
    numbers = {"share": share, "angle": angle, "initial": initial, "sessions": sessions}
    axes, n = (*BOTH_TIMES, "dimension"), len(DIMENSIONS)
    coords = {"when": WHEN, "dimension": DIMENSIONS}

    def unique():
        found = {
            name: along(draws.times(mean, mean, sd=0.01), dimension=n)
            for name, mean in numbers.items()
        }
        return xr.Dataset({name: (axes, values) for name, values in found.items()}, coords)

    return latent_space.l3(both(unique))


def moments(mean, *, norm=1.0):
    found = {"mean": ("network", mean), "norm": ("network", np.full(N, norm)), "n_weights": 100}
    return xr.Dataset(found)


def n1(draws, *, end=-0.1, by_chance=0.01):
    """Random changes of the mean of ten networks fall by more than `by_chance` once in 40."""
    start = both(lambda: draws.around(0))
    change = both(lambda: draws.around(end))
    path = {task: np.stack([start[task], start[task] + change[task]], axis=1) for task in start}
    networks = {
        task: xr.Dataset({"mean_weight": (("network", "update"), path[task])}) for task in path
    }
    norm = by_chance / 1.96 * 100 * N**0.5
    return nonlinearity.n1(networks, {t: moments(of, norm=norm) for t, of in change.items()})


def n2(draws, *, perception=-0.1, decision=-0.3):
    falls = {"perception": perception, "decision": decision}
    return nonlinearity.n2({task: moments(draws.around(mean)) for task, mean in falls.items()})


def n3(draws, *, gap=-1, spread=0.2):
    def found():
        values = {
            "difference": (("network", "theta"), along(draws.around(gap), theta=2)),
            "matched": (("network", "end"), along(draws.around(gap), end=2)),
            "restart_spread": ("network", draws.around(spread)),
        }
        return xr.Dataset(values)

    return nonlinearity.n3(both(found))


def n4(draws, *, perception=0.5, decision=0):
    """PI after less before at the last angle, over that before, which is 10 nats."""

    def found(relative):
        gap = draws.around(relative)
        values = {"at_last": 10 * gap, "relative_at_last": gap, "crossing_theta": 0 * gap}
        matched = {"matched": (("network", "end"), along(gap, end=2))}
        return xr.Dataset({name: ("network", of) for name, of in values.items()} | matched)

    return nonlinearity.n4({"perception": found(perception), "decision": found(decision)})


def rectifier(draws, *, below=(0.4, 0.6), crossing=(0.4, 0.6)):
    def use():
        shares = {"below": draws.times(*below), "crossing": draws.times(*crossing)}
        noise = {"noise": ["as in training", "none"]}
        found = {name: ((*BOTH_TIMES, "noise"), along(of, noise=2)) for name, of in shares.items()}
        return xr.Dataset(found, {"when": WHEN} | noise)

    return both(use)


def n5a(draws, **shares):
    return nonlinearity.n5a(rectifier(draws, **shares))


def n5b(draws, **shares):
    return nonlinearity.n5b(rectifier(draws, **shares))


def s1(draws, *, gaussian=0.1, factors=0.2):
    """The change is at 0.6; how much as concentrated are those at random."""
    levels = {
        "trained": 0.6,
        "gaussian": gaussian,
        "factors": factors,
        "active": factors,
        "rank": 0,
    }

    def change():
        columns = {
            name: (("network", "null"), np.stack([*map(draws.around, levels.values())], axis=1))
            for name in subtle_changes.S1_STATISTICS
        }
        return xr.Dataset(columns, {"null": list(levels)})

    return subtle_changes.s1(both(change))


def s2(draws, *, share=0.02, growth=1, random=0.2):
    def change():
        shares = np.stack([draws.around(s, sd=0.01) for s in (share, 0.01)], axis=1)
        grown = np.stack([draws.around(g) for g in (growth, random)], axis=1)
        found = {
            "share": (("network", "kind"), shares),
            "modulus": (("when", "network", "kind"), np.stack([0 * grown + 1, grown + 1])),
        }
        return xr.Dataset(found, {"when": WHEN, "kind": ["trained", "gaussian"]})

    return subtle_changes.s2(both(change))


def s3(draws, *, restoring=4):
    """The loss is five times the trained one below some rank around `restoring`."""
    ranks = np.arange(50)

    def losses():
        enough = ranks >= np.round(draws.around(restoring, sd=1))[:, None]
        error = ("network", "rank"), np.where(enough, 0.01, 0.5)
        found = {"low_rank": (("network", "rank"), np.where(enough, 1.0, 5.0)), "error": error}
        trained = {
            name: ("network", np.full(N, v))
            for name, v in (("trained", 1), ("trained_error", 0.01))
        }
        return xr.Dataset(found | trained, {"rank": ranks})

    changes = both(
        lambda: xr.Dataset({"rank": ("network", draws.around(restoring))}, {"unit": ranks})
    )
    return subtle_changes.s3(changes, both(losses))


def s4(draws, *, rho=-0.5, random=0, permuted=0.05):
    """One of two measures turns over; of shuffled units rho is about `permuted` in each network."""

    def ranks():
        axes = ("network", "measure")
        values = {"rho": (rho, 0.5), "random": (random, 0.5)}
        found = {
            name: (axes, np.stack([*map(draws.around, means)], axis=1))
            for name, means in values.items()
        }
        shuffled = permuted * draws.rng.standard_normal((400, N, 2))
        return xr.Dataset(
            found | {"permuted": (("draw", *axes), shuffled)}, {"measure": ["a", "b"]}
        )

    return subtle_changes.s4(both(ranks))


def s5(draws, *, gaussian=0.2, rank=0.2):
    """The norm rises from 16 by 1, and by this much in random changes."""
    states = {"before": 0, "after": 1, "gaussian": gaussian, "rank": rank}

    def change():
        values = 16 + np.stack([*map(draws.around, states.values())], axis=1)
        norms = np.repeat(values[:, None], len(subtle_changes.NORMS), axis=1)
        coords = {"norm": list(subtle_changes.NORMS), "state": list(states)}
        return xr.Dataset({"non_normality": (("network", "norm", "state"), norms)}, coords)

    return subtle_changes.s5(both(change))


def by_kind(draws, name, kinds):
    """What random changes of the weights do, as of `predictive_subspaces.random_changes`."""
    values = along(np.stack([draws.around(mean, sd=2) for mean in kinds.values()], axis=1), d=3)
    coords = {"kind": list(kinds), "dimension": DIMENSIONS}
    return xr.Dataset({name: (("network", "kind", "dimension"), values)}, coords)


def s6(draws, *, sessions=20, gaussian=40, rank=40, matched=30):
    """Training turns the subspaces by 70 degrees; and so much do others."""
    angles = {"mean": 70, "largest": 80, "floor": 2, "sessions": sessions}

    def moved():
        found = {
            name: (("network", "dimension"), along(draws.around(mean, sd=2), d=3))
            for name, mean in angles.items()
        }
        draw = along(draws.around(matched, sd=2), d=3, draw=4)
        found["matched"] = ("network", "dimension", "draw"), draw
        return xr.Dataset(found, {"dimension": DIMENSIONS})

    kinds = {"gaussian": gaussian, "rank": rank}
    return predictive_subspaces.s6(both(moved), both(lambda: by_kind(draws, "turned", kinds)))


def s7(draws, *, change=1):
    def aligned():
        ends = {"between": (40, 40 + change), "within": (20, 20)}
        found = {
            name: ((*BOTH_TIMES, "dimension"), along(draws.times(*pair, sd=2), d=3))
            for name, pair in ends.items()
        }
        return xr.Dataset(found, {"when": WHEN, "dimension": DIMENSIONS})

    return predictive_subspaces.s7(both(aligned))


def r1(draws, *, shuffled=2, matched=2):
    """The readout moves away by 20 degrees; and so much do others."""
    moves = {"dca": 20, "again": 20, "active": 20, "pca": 0, "uniform": 0, "uniform_active": 0}

    def angles():
        found = {
            name: ((*BOTH_TIMES, "dimension"), along(draws.times(50, 50 + move, sd=2), d=3))
            for name, move in (moves | {"shuffled": shuffled}).items()
        }
        draw = along(draws.times(50, 50 + matched, sd=2), d=3, draw=4)
        found["matched"] = (*BOTH_TIMES, "dimension", "draw"), draw
        return xr.Dataset(found | {"band": 0.0}, {"when": WHEN, "dimension": DIMENSIONS})

    kinds = {"gaussian": 0, "rank": 0}
    return readout.r1(both(angles), both(lambda: by_kind(draws, "readout", kinds)))


def r2(draws, *, dca=70, pca=60):
    def angles():
        found = {
            name: ((*BOTH_TIMES, "dimension"), along(draws.times(50, mean, sd=2), d=3))
            for name, mean in (("dca", dca), ("again", dca), ("pca", pca))
        }
        coords = {"when": WHEN, "dimension": DIMENSIONS, "draw": [0]}
        return xr.Dataset(found | {"band": 0.0}, coords)

    return readout.r2(both(angles))


def regimes(draws, *, unstable=0):
    """All networks are stable before training, and all but this many after it."""
    after = np.where(draws.some(unstable), 0.5, -0.5)
    exponent = along(np.stack([np.full(N, -0.5), after], axis=1), drive=2)
    inputs = (*BOTH_TIMES, "input")
    found = {
        "exponent": ((*BOTH_TIMES, "drive"), exponent),
        "drift": ((*BOTH_TIMES, "drive"), 0 * exponent + 0.001),
        "growth_map": (inputs, exponent),
        "found": (inputs, 0 * exponent + 1),
    }
    return xr.Dataset(found, {"when": WHEN, "drive": ["autonomous", "driven"]})


def g1(draws, *, unstable=0):
    return regime.g1(both(lambda: regimes(draws, unstable=unstable)))


def landscape(
    draws, *, before, after, distance=0.01, unstable=0, slower=1.0, slower_by_chance=0.1, inputs=5
):
    """Points found at each input (network,) before and after training; epochs end at this distance.

    By how much the longest time constant, as a logarithm, and the share of units that change sides
    rise is the same number.
    """
    found = along(np.stack([before, after], axis=1).astype(float), step=inputs)
    spread, random = draws.times(0, slower), along(draws.around(slower_by_chance), draw=3)
    ends = {"trial": 2, "epoch": 2}
    step, end = (*BOTH_TIMES, "step"), (*BOTH_TIMES, *ends)
    values = {
        "found": (step, found),
        "unstable": (step, along(np.broadcast_to(unstable, (N, 2)), step=inputs)),
        "continua": (step, 0 * found),
        "end_found": (end, along(found[..., 0], **ends)),
        "end_distance": (end, along(np.broadcast_to(distance, (N, 2)), **ends)),
        "time_constant": (step, np.exp(along(spread, step=inputs))),
        "random_time_constant": (("network", "draw", "step"), np.exp(along(random, step=inputs))),
        "switched": (BOTH_TIMES, spread),
        "random_switched": (("network", "draw"), random),
    }
    return xr.Dataset(values, {"when": WHEN})


ONE = np.ones(N)


def f1(draws, *, untrained=0):
    """`untrained` networks end their epochs near a point before training."""

    def found():
        distance = np.stack([np.where(draws.some(untrained), 0.01, 0.5), 0.01 * ONE], axis=1)
        return landscape(draws, before=ONE, after=ONE, distance=distance)

    return slow_points.f1(both(found))


def f2(draws, *, untrained=0):
    """`untrained` networks have one stable point at every input before training."""

    def found():
        return landscape(draws, before=np.where(draws.some(untrained), 1, 3), after=ONE)

    return slow_points.f2(both(found))


def f3(draws, **rises):
    return slow_points.f3(both(lambda: landscape(draws, before=ONE, after=ONE, **rises)))


def f4(draws, **rises):
    return slow_points.f4(both(lambda: landscape(draws, before=ONE, after=ONE, **rises)))


def g2(draws, *, moved=0.5):
    gains = [[draws.times(1.4, 1.4 + moved)] for _ in range(2)]
    axes = ("activation", "network", "input_sd")
    coords = {"activation": ["ReLU", "tanh"], "input_sd": [0.0, chaos.STRENGTH]}
    return chaos.g2(xr.DataArray(np.concatenate(gains), dims=axes, coords=coords))


def tanh_networks(draws, growth, exponents):
    """Equilibria that multiply with size at such rates, by gain, and largest exponents."""
    sizes, gains = np.array([6, 10, 14]), list(growth)
    mean = np.exp(np.outer(list(growth.values()), sizes))
    draw = np.exp(0.1 * draws.rng.standard_normal((N, len(gains), 3, 20)))
    found = {
        "tanh_points": (("network", "gain", "size", "draw"), mean[..., None] * draw),
        "tanh_exponent": (
            ("network", "gain"),
            np.stack([draws.around(e, sd=0.02) for e in exponents.values()], axis=1),
        ),
    }
    return xr.Dataset(found, {"gain": gains, "size": sizes})


def g3(draws, *, calm=-0.01, chaotic=0.2):
    """Growth rates of the equilibria at a gain without chaos and at one with it."""
    random = tanh_networks(draws, {0.8: calm, 1.6: chaotic}, {0.8: -0.3, 1.6: 0.3})
    return chaos.g3(random, counted_rates(random))


def g4(draws, *, exponent=0.2):
    """The largest exponent where equilibria multiply by 0.2 per unit."""
    gains = chaos.NEAR_TRANSITION
    random = tanh_networks(draws, dict.fromkeys(gains, 0.2), dict.fromkeys(gains, exponent))
    return chaos.g4(random, counted_rates(random))


def g5(draws, *, gain=9, gain_one_that_is_unstable=0, inputs=5):
    """`gain` networks have two more points after training, at each of the inputs."""
    lands = both(
        lambda: landscape(draws, before=ONE, after=ONE + 2 * draws.some(gain), inputs=inputs)
    )
    found = both(lambda: regimes(draws, unstable=gain_one_that_is_unstable))
    return chaos.g5(lands, found)


def reservoirs(draws, *, error=0.3, loss=4, exponent=0.3):
    """Error and loss of the best reservoir; trained weights have the error 0.01 and the loss 1.

    The best of three gains is the second, by cross-validation; the exponent there is given.
    """

    def found():
        gains, axes = [0.5, 1.0, 1.5], ("network", "activation", "gain")
        worse = np.array([9, 1, 5]) * np.ones((N, 2, 3))
        errors = error * worse * np.exp(draws.around(0))[:, None, None]
        losses = loss * worse * np.exp(draws.around(0))[:, None, None]
        rates = along(exponent + np.array([-1, 0, 1]) + along(draws.around(0), a=2, g=3), drive=2)
        own = (*BOTH_TIMES, "readout")
        values = {
            "error": (axes, errors),
            "squared_error": (axes, losses),
            "validation": (axes, losses),
            "exponent": ((*axes, "drive"), rates),
            "own_error": (own, np.full((N, 2, 2), 0.01)),
            "own_squared_error": (own, np.ones((N, 2, 2))),
        }
        coords = {"activation": ["ReLU", "tanh"], "gain": gains, "when": WHEN}
        more = {"readout": ["own", "fitted"], "drive": ["autonomous", "driven"]}
        return xr.Dataset(values, coords | more)

    return both(found)


def g6a(draws, **best):
    return chaos.g6a(reservoirs(draws, **best))


def g6b(draws, **best):
    return chaos.g6b(reservoirs(draws, **best))


def g7(draws, **best):
    return chaos.g7(reservoirs(draws, **best))


# {claim: (builder, what makes only its null true, the word then)}
PAIRS = {
    "P1": (p1, {"untrained": 10}, CHANCE),
    "P2": (p2, {"untrained": 10}, CHANCE),
    "L1": (l1, {"before": 8}, UNDECIDED),
    "L2": (l2, {"before": RANDOM_TO_PLANE, "after": RANDOM_TO_PLANE}, UNDECIDED),
    "L3": (l3, {"initial": 1}, CHANCE),
    "N1": (n1, {"by_chance": 0.1}, CHANCE),
    "N2": (n2, {"decision": -0.1}, UNDECIDED),
    "N3": (n3, {"spread": 1}, CHANCE),
    "N4": (n4, {"perception": 0}, UNDECIDED),
    "N5a": (n5a, {"below": (0.4, 0.4)}, UNDECIDED),
    "N5b": (n5b, {"crossing": (0.4, 0.4)}, UNDECIDED),
    "S1": (s1, {"factors": 0.6}, CHANCE),
    "S2": (s2, {"random": 1}, CHANCE),
    "S3": (s3, {"restoring": 30}, CONTRADICTED),
    "S4": (s4, {"random": -0.5}, CHANCE),
    "S5": (s5, {"rank": 1}, CHANCE),
    "S6": (s6, {"gaussian": 70}, CHANCE),
    "S7": (s7, {"change": 20}, CONTRADICTED),
    "R1": (r1, {"shuffled": 20}, CHANCE),
    "R2": (r2, {"dca": 60}, UNDECIDED),
    "G1": (g1, {"unstable": 7}, CONTRADICTED),
    "F1": (f1, {"untrained": 10}, CHANCE),
    "F2": (f2, {"untrained": 10}, CHANCE),
    "F3": (f3, {"slower_by_chance": 1}, CHANCE),
    "F4": (f4, {"slower_by_chance": 1}, CHANCE),
    "G2": (g2, {"moved": 0}, UNDECIDED),
    "G3": (g3, {"chaotic": -0.01}, CONTRADICTED),
    "G4": (g4, {"exponent": 0.6}, CONTRADICTED),
    "G5": (g5, {"gain": 0}, UNDECIDED),
    "G6a": (g6a, {"error": 0.02}, CONTRADICTED),
    "G6b": (g6b, {"loss": 1}, UNDECIDED),
    "G7": (g7, {"exponent": 0}, UNDECIDED),
}


# Those of the second half stand with the other tests of their studies.
PAIRS |= dimension.PAIRS | counting.PAIRS | oscillation.PAIRS | sparsity.PAIRS
PAIRS |= several_tasks.PAIRS | initialisation.PAIRS | complexity.PAIRS | architectures.PAIRS


def test_every_claim_has_its_pair():
    assert list(PAIRS) == list(CLAIMS)


@pytest.mark.parametrize("claim", PAIRS)
def test_a_claim_that_is_true_is_supported(claim, draws):
    result = PAIRS[claim][0](draws)
    assert result.claim == claim
    assert result.verdict == SUPPORTED, result.breakdown


@pytest.mark.parametrize("claim", PAIRS)
def test_a_claim_whose_null_alone_is_true_is_not_supported(claim, draws):
    build, only_null, word = PAIRS[claim]
    result = build(draws, **only_null)
    assert result.verdict == word, result.breakdown


@pytest.mark.parametrize(
    ("build", "more_in_null"),
    [
        (n1, {"by_chance": 0.2}),
        (n3, {"spread": 2}),
        (s1, {"gaussian": 0.1, "factors": 0.9}),
        (s2, {"random": 2}),
        (s4, {"random": -0.9}),
        (s5, {"gaussian": 3}),
        (s6, {"rank": 85}),
        (s6, {"matched": 85}),
        (r1, {"shuffled": 40}),
        (r1, {"matched": 40}),
        (f3, {"slower_by_chance": 2}),
        (f4, {"slower_by_chance": 2}),
    ],
)
def test_where_the_null_has_clearly_more_it_is_weaker_than_chance(build, more_in_null, draws):
    assert build(draws, **more_in_null).verdict == WEAKER


@pytest.mark.parametrize(
    ("build", "settings", "word"),
    [
        # A null is asked by itself: the others do not help.
        (s1, {"gaussian": 0.6}, UNDECIDED),
        (s1, {"gaussian": 0.9}, CONTRADICTED),
        (s4, {"permuted": 5}, UNDECIDED),
        (s5, {"gaussian": 1}, CHANCE),
        (s6, {"rank": 70}, CHANCE),
        (s6, {"matched": 70}, CHANCE),
        (s6, {"sessions": 70}, UNDECIDED),
        (s6, {"sessions": 80}, CONTRADICTED),
        (r1, {"matched": 20}, CHANCE),
        # Both halves of a sentence are needed.
        (l1, {"bic": -100}, CONTRADICTED),
        (l2, {"before": 70}, CONTRADICTED),
        (l3, {"sessions": 30}, CONTRADICTED),
        (l3, {"share": 0.5}, CONTRADICTED),
        (n1, {"end": 0}, UNDECIDED),
        (n4, {"decision": 0.3}, CONTRADICTED),
        (s2, {"share": 0.3}, CONTRADICTED),
        (g3, {"calm": 0.2}, CONTRADICTED),
        (g5, {"gain_one_that_is_unstable": 8}, CONTRADICTED),
        # What belongs to another claim does not enter.
        (n5a, {"crossing": (0.6, 0.4)}, SUPPORTED),
        (n5b, {"below": (0.6, 0.4)}, SUPPORTED),
        (g6a, {"loss": 0.5}, SUPPORTED),
        (g6b, {"error": 0.0}, SUPPORTED),
    ],
)
def test_the_parts_of_a_claim_are_judged_by_themselves(build, settings, word, draws):
    assert build(draws, **settings).verdict == word


@pytest.mark.parametrize("build", [p1, p2, f1, f2])
@pytest.mark.parametrize(
    ("untrained", "word"), [(9, CHANCE), (5, CHANCE), (4, SUPPORTED), (1, SUPPORTED)]
)
def test_untrained_networks_that_do_it_too_all_but_one_are_chance(build, untrained, word, draws):
    """Of ten networks six must learn it: five of five by a coin have a probability of 2 / 32."""
    assert build(draws, untrained=untrained).verdict == word


def test_a_readout_dealt_out_anew_that_moves_as_much_is_chance(draws):
    result = r1(draws, shuffled=20)
    assert result.parts == dict.fromkeys(("perception", "decision"), CHANCE)
    assert result.as_written == SUPPORTED


def test_a_reservoir_with_a_larger_loss_that_does_the_task_does_it(draws):
    result = g6a(draws, loss=100, error=0.02)
    assert result.verdict == CONTRADICTED and result.as_written == SUPPORTED
    assert g6b(draws, loss=100, error=0.02).verdict == SUPPORTED


def test_one_branch_over_many_inputs_is_one_point(draws):
    """More points at one input do count; the same point at many inputs does not."""

    def branches(before, after):
        lands = landscape(draws, before=before * ONE, after=after * ONE, inputs=20)
        # Before training there is a point at the first input alone, after it along the whole path.
        lands["found"] = lands.found.where((lands.step == 0) | (lands.when == "after"), 0)
        return chaos.g5({"decision": lands}, {"decision": regimes(draws)})

    result = branches(1, 1)
    assert result.parts["decision, more points"] == UNDECIDED and result.as_written == SUPPORTED
    assert result.statistics[0].values == (0,) * N
    assert branches(1, 3).verdict == SUPPORTED
