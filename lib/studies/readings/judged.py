"""The claims of the note's half, of the networks of one reading."""

from collections.abc import Iterable

import xarray as xr

from studies.latent_space import claims as latent_space
from studies.latent_space import layers_and_planes
from studies.latent_space.measures import grid, switching
from studies.ledger import Result
from studies.nonlinearity import claims as nonlinearity
from studies.nonlinearity import comparison
from studies.nonlinearity.measures import information, rectification
from studies.predictive_subspaces import claims as predictive_subspaces
from studies.predictive_subspaces.measures import aligned, conditions, moved
from studies.predictive_subspaces.random_changes import random_changes
from studies.readings.experiments import N_STARTS, N_STEPS
from studies.readout import claims as readout
from studies.readout.measures import readout_angles
from studies.regime import claims as stability
from studies.regime.measures import regime
from studies.slow_points import claims as slow_points
from studies.slow_points.measures import landscape
from studies.study import Study, code_of
from studies.subtle_changes import claims as subtle_changes
from studies.subtle_changes import rank_correlations, summary
from studies.subtle_changes.centrality_change import centrality_change
from studies.subtle_changes.measures import changes, losses
from studies.training import claims as training
from studies.training.measures import decision_curves, level_errors, performance
from taskrnn.activity.subspaces import subspaces
from taskrnn.missing import Unmeasurable
from taskrnn.networks.rate import RateNetwork
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.variables import WHEN


def judged(study: Study, *, window: int | None = None) -> tuple[dict[str, Result], dict[str, str]]:
    """The claims by id; and by the part of them that cannot be judged, why not. With a window of
    its own, the claims of subspaces alone.

    Nothing is recorded: the book's own words are those of the recovered recipe.
    """
    settings = {} if window is None else {"window": window}
    results: dict[str, Result] = {}
    missing: dict[str, str] = {}
    for part in OF_SUBSPACES if settings else (*PARTS, *OF_SUBSPACES):
        try:
            results |= part(study, **settings)
        except Unmeasurable as error:
            missing[part.__name__] = str(error)
    return results, missing


def code_of_claims(claims: Iterable[str]) -> dict[str, str]:
    """The hash of the code of each claim by its name."""
    modules = (
        training,
        nonlinearity,
        subtle_changes,
        slow_points,
        stability,
        latent_space,
        predictive_subspaces,
        readout,
    )
    of_ids = [vars(module).get(claim.lower()) for module in modules for claim in claims]
    return {name: code for of in of_ids if of for name, code in code_of(of).items()}


def by_id(*found: Result) -> dict[str, Result]:
    """The results by claim."""
    return {result.claim: result for result in found}


def of_training(study: Study) -> dict[str, Result]:
    """P1 and P2, where trials have a switch of the input."""
    tasks = [experiment.task for experiment in study.experiments.values()]
    if any(isinstance(task, ConstantInputTask) and not task.schedule.switches for task in tasks):
        raise Unmeasurable("without a switch no answer follows on another")
    found = study.measure(performance, when=WHEN)
    experiments = study.experiments
    errors = level_errors(experiments["perception"], found["perception"])
    curves = decision_curves(experiments["decision"], found["decision"])
    return by_id(training.p1(errors), training.p2(curves))


def of_weights(study: Study) -> dict[str, Result]:
    """N1, N2, S1, S2, S3 and S5."""
    moments = comparison.weight_changes(study.networks)
    found = study.measure(changes)
    return by_id(
        nonlinearity.n1(study.networks, moments),
        nonlinearity.n2(moments),
        subtle_changes.s1(found),
        subtle_changes.s2(found),
        subtle_changes.s3(found, study.measure(losses)),
        subtle_changes.s5(found),
    )


def of_rectifier(study: Study) -> dict[str, Result]:
    """N3, N4, N5a and N5b."""
    found = comparison.with_differences(study.measure(information))
    use = study.measure(rectification)
    return by_id(
        nonlinearity.n3(found), nonlinearity.n4(found), nonlinearity.n5a(use), nonlinearity.n5b(use)
    )


def of_points(study: Study) -> dict[str, Result]:
    """F1 to F4."""
    found = study.measure(landscape)
    return by_id(
        *(claim(found) for claim in (slow_points.f1, slow_points.f2, slow_points.f3)),
        slow_points.f4(found),
    )


def of_regime(study: Study) -> dict[str, Result]:
    """G1, where the noise is such that it has a Jacobian to go with."""
    networks = [experiment.network for experiment in study.experiments.values()]
    if any(isinstance(of, RateNetwork) and of.noise == "outside" for of in networks):
        raise Unmeasurable("Lyapunov exponents are for noise inside f")
    return by_id(stability.g1(study.measure(regime)))


def of_latent_space(study: Study, **window: int) -> dict[str, Result]:
    """L1, L2 and L3."""
    grids = study.measure(grid, tasks=("decision",), when=WHEN)["decision"]
    runs = study.measure(switching, tasks=("perception",), when=WHEN)["perception"]
    spaces = spaces_of(study, **window)
    layers = layers_and_planes.layered(study.networks["decision"], grids, spaces["decision"])
    unique = {task: latent_space.uniqueness(found) for task, found in spaces.items()}
    return by_id(
        latent_space.l1(layers),
        latent_space.l2(layers_and_planes.transients(runs, spaces["perception"])),
        latent_space.l3(unique),
    )


def of_centrality(study: Study) -> dict[str, Result]:
    """S4."""
    seen = summary.seen(spaces_of(study))
    ranks = rank_correlations.by_setting(study.measure(centrality_change), seen)
    return by_id(subtle_changes.s4(ranks))


def of_subspaces(study: Study, **window: int) -> dict[str, Result]:
    """S6, S7, R1 and R2."""
    spaces = spaces_of(study, **window)
    random = study.measure(random_changes, n_steps=n_steps_of(study), **window)
    pairs = study.measure(conditions, when=WHEN, **window)
    turned = {task: moved(study.networks[task], spaces[task]) for task in spaces}
    angles = {task: readout_angles(study.networks[task], spaces[task]) for task in spaces}
    return by_id(
        predictive_subspaces.s6(turned, random),
        predictive_subspaces.s7({task: aligned(of) for task, of in pairs.items()}),
        readout.r1(angles, random),
        readout.r2(angles),
    )


def spaces_of(study: Study, **window: int) -> dict[str, xr.Dataset]:
    """The predictive subspaces, before and after training."""
    search = {"n_starts": min(N_STARTS, study.profile.n_starts), "n_steps": n_steps_of(study)}
    return study.measure(subspaces, when=WHEN, **search, **window)


def n_steps_of(study: Study) -> int:
    """Steps of the sessions that are searched."""
    return min(N_STEPS, study.profile.n_steps)


PARTS = (of_training, of_weights, of_rectifier, of_points, of_regime, of_centrality)
OF_SUBSPACES = (of_latent_space, of_subspaces)
