"""Every measure of the book on networks that it can break on: a number, or one sentence that says
why there is none.
"""

import numpy as np
import pytest
import xarray as xr
from hard_networks import (
    FURTHER,
    HARD,
    MEASURES,
    dead,
    experiment,
    hard,
    in_units,
    silent_output,
    unstable,
)

from studies.latent_space.layers_and_planes import layers
from studies.nonlinearity.measures import rectification
from studies.slow_points.measures import landscape
from studies.training import measures as performance
from taskrnn.experiments import DECISION, EXPERIMENTS, PERCEPTION
from taskrnn.missing import Unmeasurable


@pytest.mark.parametrize(
    ("name", "task"),
    [(name, task) for name, (_, _, tasks, _) in MEASURES.items() for task in tasks],
)
def test_a_measure_has_numbers_or_a_reason(name, task):
    measure, settings, _, needed = MEASURES[name]
    numbers_or_a_reason(measure, settings, experiment(EXPERIMENTS[task]), needed)


@pytest.mark.parametrize("name", FURTHER)
def test_a_measure_of_a_further_task_has_them_too(name):
    measure, settings, e, needed = FURTHER[name]
    numbers_or_a_reason(measure, settings, in_units(e), needed)


def numbers_or_a_reason(measure, settings, e, needed):
    """Of every hard network."""
    for kind in HARD:
        try:
            found = measure(e, hard(e, kind), **settings)
        except Unmeasurable as error:
            reason = str(error)
        else:
            reason = found.attrs.get("reason", "")
            missing = [variable for variable in needed if found[variable].isnull().any()]
            assert reason or not missing, f"{kind.__name__}: no reason for {missing}"
        assert "nan" not in reason and "\n" not in reason, reason


def test_what_overflows_is_no_number_that_means_something_else():
    """Rates that are no numbers are not "below threshold", and outputs that are none are not wrong
    by chance.
    """
    for task in EXPERIMENTS.values():
        e = experiment(task)
        networks = [hard(e, kind) for kind in (healthy_too, unstable, silent_output)]
        found, alone = held_out(e, networks), held_out(e, networks[:1])
        np.testing.assert_array_equal(found.answers[0], alone.answers[0])
        assert np.isnan(found.answers[1]).any() and not found.answers[2].any()
        if task is PERCEPTION:
            errors = performance.level_errors(e, found)
            assert np.isnan(errors[1]).any() and np.isfinite(errors[[0, 2]]).all()
        else:
            curves, by_itself = (performance.decision_curves(e, test) for test in (found, alone))
            for name in ("accuracy", "reversal", "spearman"):
                np.testing.assert_array_equal(curves[name][0], by_itself[name][0])
                assert np.isnan(curves[name][1])
            assert np.isfinite(curves.accuracy[2]) and np.isnan(curves.spearman[2])
        with pytest.raises(Unmeasurable, match="after training its rates grow beyond all bounds"):
            rectification(e, networks[1], n_trials=4)


def held_out(e, networks):
    """The performance of networks after training, (network, when, ...)."""
    rows = [
        performance.performance(e, network, when="after").expand_dims(when=["after"])
        for network in networks
    ]
    return xr.concat(rows, "network", combine_attrs="drop")


def healthy_too(network):
    """Nothing is wrong with it."""


def test_an_epoch_that_begins_in_a_fixed_point_ends_in_one():
    e = experiment(DECISION)
    found = landscape(e, hard(e, dead), **MEASURES["landscape"][1])
    assert (
        (found.end_distance == 0).all() and (found.found == 1).all() and not found.attrs["reason"]
    )


def test_steady_states_that_no_input_moves_are_no_layers_and_spare_the_others():
    rng, level = np.random.default_rng(0), np.linspace(0, 2, 5)
    points = rng.standard_normal((3, 5, 5, 3)) + np.sign(level[:, None] - level)[..., None]
    alone = layers(points[:1], level, seeds=[1])
    points[1], points[2, 0, 0] = 7.0, np.nan
    found = layers(points, level, seeds=[1, 2, 3])
    for together, single in zip(found, alone, strict=True):
        assert together[0] == single[0] and np.isnan(together[1:]).all()
