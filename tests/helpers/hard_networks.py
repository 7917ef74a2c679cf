"""A bank of networks that measures can break on, and every measure of the book with settings that
take a moment.
"""

import dataclasses

import numpy as np
import xarray as xr
from small_experiments import small

from studies.architectures.points import points_of
from studies.chaos.measures import spectrum
from studies.chaos.random_networks import random_networks
from studies.chaos.reservoir import reservoir
from studies.complexity.linear_models import linear_models
from studies.complexity.measures import at_points
from studies.dimension.experiments import DISTANCE
from studies.initialisation.measures import learned
from studies.latent_space import measures as latent_space
from studies.latent_space.second_route import second_route
from studies.nonlinearity import measures as nonlinearity
from studies.predictive_subspaces.measures import conditions
from studies.predictive_subspaces.random_changes import random_changes
from studies.regime.measures import regime
from studies.several_tasks import measures as several_tasks
from studies.several_tasks.experiments import BOTH as BOTH_TASKS
from studies.several_tasks.experiments import MEMORIES
from studies.several_tasks.jacobians import modulation
from studies.several_tasks.lesions import lesions
from studies.several_tasks.memories import continuation
from studies.slow_points.measures import landscape
from studies.subtle_changes import measures as subtle_changes
from studies.subtle_changes.centrality_change import centrality_change
from studies.training.measures import performance
from taskrnn.activity.subspaces import subspaces
from taskrnn.networks.network import untrained_weights

UNITS = 12
SILENT = -50.0  # a bias that no input of a task overcomes
SEARCH = {"dimensions": (1, 10), "n_starts": 1, "n_steps": 800}
RANDOM = {
    "tanh_sizes": (4, 6),
    "relu_sizes": (4, 6),
    "n_draws": 1,
    "n_starts": 8,
    "n_large": 16,
    "n_spectrum": 6,
    "n_steps": 200,
}

# {name: (measure, settings, tasks, the numbers that are missing only for a reason)}, every function
# that a chapter hands to `taskrnn.ensembles.results.measured`
BOTH = ("perception", "decision")
MEASURES = {
    "subspaces": (subspaces, {"when": "after", **SEARCH}, BOTH, ("pi", "covariance")),
    "conditions": (conditions, {"when": "after", **SEARCH}, BOTH, ("restart",)),
    "random_changes": (random_changes, SEARCH, BOTH, ("turned", "readout")),
    "performance": (
        performance,
        {"when": "after", "n_trials": 8},
        BOTH,
        ("answers", "around", "example"),
    ),
    "information": (
        nonlinearity.information,
        {"degrees": (0.0,), "n_starts": 1, "n_steps": 800},
        BOTH,
        ("exponent",),
    ),
    "rectification": (
        nonlinearity.rectification,
        {"n_trials": 8},
        BOTH,
        ("below", "crossing", "silent"),
    ),
    "changes": (subtle_changes.changes, {"n_draws": 2}, BOTH, ("top_share", "share", "rank")),
    "losses": (subtle_changes.losses, {"n_trials": 8}, BOTH, ("trained",)),
    "centrality_change": (centrality_change, {"n_draws": 1}, BOTH, ("centrality",)),
    "regime": (
        regime,
        {"n_steps": 400, "n_inputs": 2, "n_starts": 4, "n_joint": 100, "gains": (0.8, 1.8)},
        BOTH,
        ("exponent", "perturbed", "distance", "far_growth", "growth_map", "active", "radius"),
    ),
    "spectrum": (spectrum, {"n_steps": 200}, BOTH, ("exponent", "largest")),
    "landscape": (
        landscape,
        {"n_path": 3, "n_trials": 2, "n_starts": 3, "n_descents": 6, "n_draws": 1},
        BOTH,
        ("end_distance", "time_constant", "switched"),
    ),
    "reservoir": (
        reservoir,
        {"gains": (0.8, 2.0), "n_trials": 6, "n_test": 12, "n_steps": 200, "n_starts": 1},
        BOTH,
        ("own_error",),
    ),
    "grid": (latent_space.grid, {"when": "after", "points": 5}, ("decision",), ("rates",)),
    "switching": (
        latent_space.switching,
        {"when": "after", "epoch": 100, "points": 5},
        ("perception",),
        ("rates", "steady"),
    ),
    "second_route": (
        second_route,
        {"when": "after", "n_starts": 1, "n_steps": 800},
        BOTH,
        ("pi", "apart", "moved"),
    ),
    # without an update: every training would compile its graph anew
    "learned": (
        learned,
        {"most": 0, "n_starts": 3},
        BOTH,
        ("updates", "reached", "loss", "found", "time_constant"),
    ),
    "points_of": (
        points_of,
        {"cases": ("after",), "n_starts": 4, "n_exponents": 2, "n_steps": 50},
        BOTH,
        ("exponent", "error", "by_directions"),
    ),
    "random_networks": (random_networks, RANDOM, ("perception",), ("diverges", "tanh_exponent")),
    "at_points": (
        at_points,
        {"n_inputs": 4, "n_starts": 5},
        BOTH,
        ("information", "excess", "active", "order", "r2"),
    ),
    "linear_models": (
        linear_models,
        {"n_inputs": 30, "n_references": 64, "n_draws": 3},
        BOTH,
        ("r2", "k90"),
    ),
}
# {name: (measure, settings, experiment, the same)}, of the studies with tasks of their own
FURTHER = {
    "answers_by_context": (
        several_tasks.answers_by_context,
        {"when": "after", "n_trials": 4},
        BOTH_TASKS,
        ("answers",),
    ),
    "active_units": (
        several_tasks.active_units,
        {"when": "after", "n_inputs": 2, "n_starts": 2},
        BOTH_TASKS,
        (),
    ),
    "lesions": (lesions, {"n_trials": 2, "n_draws": 1}, BOTH_TASKS, ("ratio",)),
    "continuation": (
        continuation,
        {"n_starts": 3, "n_draws": 1},
        MEMORIES["1"],
        ("share", "random", "wrong"),
    ),
    "modulation": (
        modulation,
        {"n_inputs": 3, "n_starts": 3, "n_draws": 1},
        DISTANCE[1],
        ("change", "switched", "r2", "linear_r2"),
    ),
}


def experiment(task):
    """An experiment in small with as many units as the smallest subspaces need."""
    return in_units(small(task))


def in_units(e):
    """An experiment with so few units, and its own trials."""
    return dataclasses.replace(e, network=dataclasses.replace(e.network, n_units=UNITS))


def healthy(e, *, seed: int = 3) -> xr.Dataset:
    """An ensemble of one network whose change is small."""
    before = untrained_weights(e.network, n_inputs=e.task.n_inputs, n_outputs=1, seed=seed)
    change = np.random.default_rng(seed).normal(0, 0.03, before.recurrent.shape) * ~np.eye(
        UNITS, dtype=bool
    )
    variables = {
        "recurrent_before": (("network", "unit", "from_unit"), before.recurrent),
        "recurrent_after": (
            ("network", "unit", "from_unit"),
            before.recurrent + change.astype(np.float32),
        ),
        "input_weights": (("network", "unit", "input"), before.input),
        "bias": (("network", "unit"), before.bias),
        "readout": (("network", "output", "unit"), before.readout),
        "seed": ("network", [seed]),
        "failed": ("network", [-1]),
        "checksum": ("network", [f"of network {seed}"]),
    }
    return xr.Dataset(variables)


OFF = ~np.eye(UNITS, dtype=bool)
EQUAL = 0.5 / UNITS * OFF


def recurrent(network, W, *, before: bool = True):
    """Put these weights in place of those after training, and before it too."""
    network["recurrent_after"][:] = W
    if before:
        network["recurrent_before"][:] = W


def dead(network):
    """No unit is ever above threshold."""
    recurrent(network, 0.0)
    network["bias"][:] = SILENT


def one_unit(network):
    """All others are silent."""
    network["bias"][:, 1:] = SILENT
    network["bias"][:, 0] = 1.0


def two_units(network):
    """All others are silent."""
    network["bias"][:, 2:] = SILENT
    network["bias"][:, :2] = 1.0


def unstable(network):
    """Rates overflow, after training."""
    recurrent(network, 9.0 * OFF, before=False)


def always_unstable(network):
    """Rates overflow, before training too."""
    recurrent(network, 9.0 * OFF)


def slowly_unstable(network):
    """Rates grow without bound, and stay finite for long."""
    recurrent(network, 1.05 / (UNITS - 1) * OFF)
    network["bias"][:] = 1.0


def equal(network):
    """All units have the same weights."""
    recurrent(network, EQUAL)
    network["input_weights"][:] = 0.5
    network["bias"][:] = 0.1


def duplicated(network):
    """Two units receive and send the same."""
    for name in ("recurrent_before", "recurrent_after"):
        W = network[name].values
        W[:, 1], W[:, :, 1] = W[:, 0], W[:, :, 0]
        W *= OFF
        network[name][:] = W
    for name in ("input_weights", "bias"):
        network[name][:, 1] = network[name][:, 0]


def nearly_silent(network):
    """Most units are above threshold in a step or two, by noise."""
    recurrent(network, 0.1 * network.recurrent_before.values)
    network["input_weights"][:, 2:] = 0.0
    network["bias"][:, 2:] = -1.2


def plane(network):
    """Two pairs of units that keep what they have: a plane of fixed points at every input."""
    W = np.zeros((UNITS, UNITS))
    for i in (0, 2):
        W[i, i + 1] = W[i + 1, i] = 1.0
    recurrent(network, W)
    network["input_weights"][:, :4] = 0.0
    network["bias"][:, :4] = 0.0


def tiny(network):
    """Weights at the edge of what single precision holds."""
    recurrent(network, 1e-30 * network.recurrent_before.values)


def tiny_after(network):
    """Training wipes the weights out."""
    recurrent(network, 1e-30 * network.recurrent_before.values, before=False)


def huge(network):
    """Weights whose squares overflow single precision."""
    recurrent(network, 1e30 * network.recurrent_before.values)


def huge_after(network):
    """Training blows the weights up."""
    recurrent(network, 1e30 * network.recurrent_before.values, before=False)


def unchanged(network):
    """Training changes nothing."""
    network["recurrent_after"][:] = network.recurrent_before.values


def silent_output(network):
    """The readout is zero."""
    network["readout"][:] = 0.0


def unmoved(network):
    """No input reaches a unit."""
    network["input_weights"][:] = 0.0


def failed(network):
    """Training says that it failed, with weights that are finite."""
    network["failed"][:] = 5


HARD = (
    dead, one_unit, two_units, unstable, always_unstable, slowly_unstable, equal, duplicated, nearly_silent, plane, tiny, tiny_after,
    huge, huge_after, unchanged, silent_output, unmoved, failed,
)  # fmt: skip


def hard(e, kind) -> xr.Dataset:
    """A healthy network with one thing wrong."""
    network = healthy(e)
    kind(network)
    return network
