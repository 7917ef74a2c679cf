"""The slow points a network computes with, and how inputs and training change them (F1 to F4).

Fixed points are solved for exactly, region by region, from random regions and from states of the
trajectories (`points`). A second route is free to find what the first has missed (`second_route`).
"""

import numpy as np
import xarray as xr

from studies.slow_points.points import described, ends_of_epochs, follow, points_kept
from studies.slow_points.random_change import randomly_changed
from studies.slow_points.second_route import second_route
from taskrnn.checks import LARGEST
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import ConstantInputTask, Trials, spread
from taskrnn.variables import WHEN

N_STARTS = 20  # random starts of the exact search of one input
EVERY = 5  # steps between two states of a trajectory that are kept


@needs(task=ConstantInputTask, network=RateNetwork)
def landscape(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    n_path: int = 13,
    n_trials: int = 4,
    n_starts: int = N_STARTS,
    n_descents: int = 40,
    n_draws: int = 2,
) -> xr.Dataset:
    """The fixed points of one network, along a path of inputs and where trials end.

    Parameters
    ----------
    network : Dataset of one network
    n_path : int, inputs from one end of the path to the other; see `path`
    n_trials : int, trials without noise, the same for all networks
    n_starts : int, random starts of the search of one input
    n_descents : int, starts of the minimisation of speed of one input: half of them states of the
        trajectories, half random
    n_draws : int, random changes of the weights with the norm of the trained one

    Returns
    -------
    Dataset with, along `when` ("before", "after"),
        what `points.FOUND` names (step,) along the path;
        rates and direction (step, point, unit), of the KEPT points most often hit and of the mode
        that decays least at each, with unstable_directions (step, point); NaN and -1 beyond them;
        switched, the share of units above threshold at one end of the path and not at the other;
        trajectory (trial, time, unit), and end_distance, end_found (trial, epoch), see
        `points.ends_of_epochs`;
        what `second_route.SECOND` names (step_2,), of the second route at both ends of the path;
        input (step, channel), trial_input (trial, epoch, channel), time (time,) in s
    and after random changes random_time_constant (draw, step), random_switched (draw,)

    Raises
    ------
    Unmeasurable
        Rates that grow beyond all bounds in a trial without noise.
    """
    task, dt = experiment.task, experiment.network.dt
    rng = generator(int(network.seed[0]), "slow_points.starts")
    trials = task.sample(n_trials, dt=dt, rng=generator(experiment.seed, "slow_points.trials"))
    inputs = path(task, n_path)
    options = {"n_starts": n_starts, "n_descents": n_descents, "rng": rng}
    times = [at_one_time(network, when, inputs, trials, experiment, **options) for when in WHEN]
    found = xr.concat(times, "when").assign_coords(when=list(WHEN))
    random = at_random(network, inputs, experiment, n_starts=n_starts, n_draws=n_draws, rng=rng)
    seconds = (np.arange(found.sizes["time"]) * EVERY + 1) * dt / 1000
    coords = {
        "input": (("step", "channel"), inputs),
        "trial_input": (("trial", "epoch", "channel"), trials.values),
        "time": ("time", seconds, {"units": "s"}),
    }
    return found.assign(random).assign_coords(coords).assign_attrs(reason=without_point(found))


def without_point(found: xr.Dataset) -> str:
    """For how many inputs of the path there is no fixed point; '' if for none."""
    none = {when: int((found.found.sel(when=when) == 0).sum()) for when in WHEN}
    n = found.sizes["step"]
    text = "{} training no fixed point is found for {} of {} inputs"
    return "; ".join(text.format(when, k, n) for when, k in none.items() if k)


def at_one_time(
    network: xr.Dataset, when: str, inputs: np.ndarray, trials: Trials, experiment: Experiment,
    *, n_starts: int, n_descents: int, rng: np.random.Generator,
) -> xr.Dataset:  # fmt: skip
    """What `landscape` says of a network before or after training."""
    w = weights(network, when)
    steps = spread(trials.values, trials.edges)
    trajectory = simulate(w, steps, network=experiment.network)[0].astype(float)
    if not (np.abs(trajectory) <= LARGEST).all():
        raise Unmeasurable(
            f"{when} training its rates grow beyond all bounds in trials without noise"
        )
    along = follow(w, inputs, experiment, trajectory=trajectory, n_starts=n_starts, rng=rng)
    ends = ends_of_epochs(w, trials, trajectory, experiment, n_starts=n_starts, rng=rng)
    second = second_route(
        w,
        inputs[[0, -1]],
        experiment,
        trajectory=trajectory,
        found=(along[0], along[-1]),
        n=n_descents,
        rng=rng,
    )
    kept = trajectory[:, ::EVERY].astype(np.float32)
    return described(w, inputs, along).assign(
        ends
        | second
        | {"trajectory": (("trial", "time", "unit"), kept)}
        | points_kept(w, inputs, along, experiment)
    )


def at_random(
    network: xr.Dataset, inputs: np.ndarray, experiment: Experiment,
    *, n_starts: int, n_draws: int, rng: np.random.Generator,
) -> dict[str, xr.DataArray]:  # fmt: skip
    """random_time_constant (draw, step) and random_switched (draw,), as in `landscape`."""
    before, after = (weights(network, when) for when in WHEN)
    draws = []
    for _ in range(n_draws):
        changed = randomly_changed(before, after, rng=rng)
        along = follow(changed, inputs, experiment, trajectory=None, n_starts=n_starts, rng=rng)
        draws.append(described(changed, inputs, along)[["time_constant", "switched"]])
    drawn = xr.concat(draws, "draw")
    return {f"random_{name}": drawn[name] for name in ("time_constant", "switched")}


def path(task: ConstantInputTask, n: int) -> np.ndarray:
    """Inputs (step, channel) from low to high; of two the second goes the other way."""
    level = np.linspace(task.low, task.high, n)
    return np.stack([level, level[::-1]][: task.n_inputs], axis=1)
