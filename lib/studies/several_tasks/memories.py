"""Whether the fixed points of one memory go on into those of another while the context is moved
from one to the other (M3).
"""

import numpy as np
import xarray as xr

from studies.counting.measures import at_input, share_wrong
from taskrnn.analysis.fixed_points.continuation import Continuation, continued
from taskrnn.analysis.fixed_points.points import distinct
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.needs import needs
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.tasks.by_context import ByContext
from taskrnn.variables import WHEN, variable

N_STARTS = 500  # random starts of the search in each context; 60 missed points in the pilot
STEPS = 101  # places on the way at which the outputs are kept
KEPT = 16  # points of each context whose way is kept
SAME = 1e-6  # relative distance of one point from itself
MEMORY = 2  # stable points, at least


@needs(task=ByContext, network=RateNetwork)
def continuation(
    experiment: Experiment, network: xr.Dataset, *, n_starts: int = N_STARTS, n_draws: int = 10
) -> xr.Dataset:
    """The fixed points of one network between pulses in the context of its first task, followed to
    that of the second, and back.

    Parameters
    ----------
    network : Dataset of one network
    n_starts : int, random starts of the search in each context
    n_draws : int, random constant inputs with the norm of the change of context

    Returns
    -------
    Dataset with
        found, stable, index (when, context) : number of points, of stable ones, and sum of indices
        share : of the stable points of the first context that go on, stable all the way, into
            different points of the second, after training; NaN if there are fewer than two
        random : the same along the random inputs, mean over draws
        wrong : share of the outputs in trials of both tasks that are nearer to the wrong answer
        output (context, point, step) : after training, output at the points of either context
            along the way from the first to the second, NaN beyond a fold
        unstable (context, point) : directions that grow there; -1 beyond the points
    """
    rng = generator(int(network.seed[0]), "several_tasks.continuation")
    task = experiment.task
    contexts = [task.embedded(np.zeros(of.n_inputs), k) for k, of in enumerate(task.tasks[:2])]
    found = [
        [at_input(weights(network, when), u, experiment, n_starts=n_starts, rng=rng)
         for u in contexts]
        for when in WHEN
    ]  # fmt: skip
    w = weights(network, "after")
    W, W_in, b, readout = (of[0].astype(float) for of in w)
    c = [W_in @ u + b for u in contexts]
    change = c[1] - c[0]
    output, unstable = np.full((2, KEPT, STEPS), np.nan), np.full((2, KEPT), -1)
    ways = []
    for k, (points, step) in enumerate(zip(found[1], (1, -1), strict=True)):
        ways.append(follow(W, c[k], step * change, points.rates, experiment.network))
        kept = min(len(ways[k]), KEPT)
        unstable[k, :kept] = points.unstable_map[:kept]
        for row, way in zip(output[k], ways[k], strict=False):
            row[:] = (way.rates @ readout[0])[::step]
    stable = found[1][0].unstable_map == 0
    share = share_through([way for way, of in zip(ways[0], stable, strict=True) if of])
    drawn = rng.standard_normal((n_draws, len(b)))
    drawn *= np.linalg.norm(change) / np.linalg.norm(drawn, axis=1, keepdims=True)
    starts = found[1][0].rates[stable]
    random = [share_through(follow(W, c[0], g, starts, experiment.network)) for g in drawn]
    wrong = share_wrong(w, experiment, rng=rng)
    numbers = {
        "found": (lambda of: len(of.hits), "fixed points found"),
        "stable": (lambda of: (of.unstable_map == 0).sum(), "of them, stable"),
        "index": (lambda of: of.index.sum(), "sum of their indices"),
    }
    counts = {
        name: variable("when context", [[f(of) for of in row] for row in found], text, "1")
        for name, (f, text) in numbers.items()
    }
    few = f"{stable.sum()} stable points in the first context are no memory"
    reasons = [few] * bool(stable.sum() < MEMORY)
    reasons += ["its rates grow beyond all bounds in trials"] * bool(np.isnan(wrong))
    return xr.Dataset(
        counts
        | {
            "share": variable("", share, "share of the stable points that go on", "1"),
            "random": variable("", np.mean(random), "the same along random inputs", "1"),
            "wrong": variable("", wrong, "share of wrong outputs", "1"),
            "output": variable("context point step", output, "output at the point"),
            "unstable": variable("context point", unstable, "directions that grow", "1"),
        },
        coords={"when": list(WHEN)},
        attrs={"reason": "; ".join(reasons)},
    )


def follow(
    W: np.ndarray, c: np.ndarray, change: np.ndarray, rates: np.ndarray, network: RateNetwork
) -> list[Continuation]:
    """Points (point, unit) of the constant input c, each followed to ``c + change``."""
    settings = {"n_steps": STEPS, "theta": network.theta, "alpha": network.alpha}
    return [continued(W, c, change, r, **settings) for r in rates]


def share_through(ways: list[Continuation]) -> float:
    """Share of points that get to the end, stable all the way, and there are different points; NaN
    of fewer than two.
    """
    if len(ways) < MEMORY:
        return np.nan
    ends = [way.rates[-1] for way in ways if way.through and way.stable]
    return len(distinct(np.array(ends), SAME)[1]) / len(ways) if ends else 0.0
