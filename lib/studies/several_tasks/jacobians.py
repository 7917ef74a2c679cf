"""How much inputs change the Jacobian at the fixed point, and what a network would answer if they
did not (J1, J2).
"""

import numpy as np
import xarray as xr

from studies.counting.measures import CASES, at_input
from studies.slow_points.random_change import randomly_changed
from taskrnn.checks import LARGEST
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator
from taskrnn.tasks.sine import Sine
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.variables import WHEN, variable

TEXTS = {
    "change": "relative change of the Jacobian",
    "switched": "share of units that change sides",
    "r2": "share of the variance of the right answers, at the fixed points",
    "linear_r2": "the same of the linear model at the point of input 0",
}


@needs(task=ConstantInputTask | Sine, network=RateNetwork)
def modulation(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    n_inputs: int = 30,
    n_starts: int = 10,
    n_draws: int = 2,
) -> xr.Dataset:
    """How far the Jacobian D W at the fixed points of inputs is from that at the point of input 0.

    Parameters
    ----------
    network : Dataset of one network
    n_inputs : int, inputs of the task, the same for all networks
    n_starts : int, random starts of each search
    n_draws : int, of random changes of the weights

    Returns
    -------
    Dataset with, along `case` ("before" and "after" training, "random change": the untrained
    weights with a Gaussian change of the norm of the trained one, mean over draws),
        change : norm(D_u W - D_0 W) / norm(D_0 W), mean over inputs
        switched : share of the units that are on another side of their threshold at input u than
            at input 0, mean over inputs
    and, of a task with a right answer to each input,
        r2 : of the outputs at the fixed points
        linear_r2 : of the outputs of the linear model at the point of input 0
    """
    rng = generator(int(network.seed[0]), "several_tasks.modulation")
    inputs, w = inputs_of(experiment, n_inputs), {when: weights(network, when) for when in WHEN}
    cases = {when: [of] for when, of in w.items()}
    cases["random change"] = [
        randomly_changed(w["before"], w["after"], rng=rng) for _ in range(n_draws)
    ]
    rows, reasons = [], []
    for case, networks in cases.items():
        try:
            found = [of_inputs(one, inputs, experiment, n_starts, rng) for one in networks]
            rows.append({name: np.mean([row[name] for row in found]) for name in found[0]})
        except Unmeasurable as error:
            rows.append({})
            reasons.append(f"{case}: {error}")
    if not any(rows):
        raise Unmeasurable("; ".join(reasons))
    return xr.Dataset(
        {
            name: variable("case", [row.get(name, np.nan) for row in rows], text, "1")
            for name, text in TEXTS.items()
            if any(name in row for row in rows)
        },
        coords={"case": list(CASES)},
        attrs={"reason": "; ".join(reasons)},
    )


def inputs_of(experiment: Experiment, n: int) -> np.ndarray:
    """Inputs of the task (input, channel), the same for all networks."""
    task, rng = experiment.task, generator(experiment.seed, "several_tasks.constant inputs")
    if isinstance(task, Sine):
        return task.inputs(rng.random((n, 1)))
    return task.draw(n, 1, rng=rng)[:, 0]


def of_inputs(
    w: Weights, inputs: np.ndarray, experiment: Experiment, n_starts: int, rng: np.random.Generator
) -> dict[str, float]:
    """What `TEXTS` names of one network at inputs (input, channel), at the point of each that most
    starts find.
    """
    W, W_in, b, readout = (of[0].astype(float) for of in w)
    points = []
    for u in (np.zeros(len(inputs[0])), *inputs):
        found = at_input(w, u, experiment, n_starts=n_starts, rng=rng)
        if not len(found.hits):
            raise Unmeasurable("no fixed point is found at one of the inputs")
        points.append(found.rates[0])
    rest, moved = points[0], np.array(points[1:])
    active = W @ rest + b > 0
    change, switched = relative_changes(W, active, moved @ W.T + inputs @ W_in.T + b > 0)
    row = {"change": change.mean(), "switched": switched.mean()}
    if isinstance(experiment.task, ConstantInputTask):
        answers = {"r2": moved, "linear_r2": rest + linear_responses(W, active, inputs @ W_in.T)}
        for name, rates in answers.items():
            error = experiment.task.answer_error(inputs[:, None], (rates @ readout.T)[:, None])
            if not error <= LARGEST:
                raise Unmeasurable("its outputs at the fixed points are too large for a score")
            row[name] = 1 - error
    return row


def linear_responses(W: np.ndarray, active: np.ndarray, drives: np.ndarray) -> np.ndarray:
    """Changes of the rates (input, unit) in steady state by further constant inputs (input, unit),
    while no unit switches.
    """
    D = active[:, None].astype(float)
    try:
        return np.linalg.solve(np.eye(len(W)) - D * W, D * drives.T).T
    except np.linalg.LinAlgError:
        raise Unmeasurable("its linear model at input 0 has no steady state") from None


def relative_changes(
    W: np.ndarray, rest: np.ndarray, above: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """norm(D_u W - D_0 W) / norm(D_0 W), and the share of units that change sides, (input,); from
    the units above threshold at input 0 (unit,) and at others (input, unit).
    """
    strength, differs = (W**2).sum(axis=1), above != rest
    if not strength[rest].any():
        raise Unmeasurable("no unit that receives anything is above threshold at input 0")
    return np.sqrt(differs @ strength / strength[rest].sum()), differs.mean(axis=1)
