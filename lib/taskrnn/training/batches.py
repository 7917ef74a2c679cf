"""What networks are trained on: trials and noise of each, drawn anew for every update."""

import numpy as np

from taskrnn.networks.network import Network, noise
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import Task, Trials


def batch(
    task: Task, network: Network, *, seeds: list[int], purpose: str, place: int, n_trials: int
):
    """Trials and noise of each network.

    Returns
    -------
    list of Trials, one of each network
    Trials with leading axes (time, network, trial), of all networks, float32
    xi : ndarray (time, network, trial, unit or 1)
    """
    drawn = []
    for seed in seeds:
        rng = generator(seed, purpose, place)
        trials = checked(task.sample(n_trials, dt=network.dt, rng=rng), task, n_trials)
        drawn.append((trials, noise(network, n_trials, trials.inputs.shape[1], rng=rng)))
    inputs, targets, mask = (
        np.stack([getattr(t, name).swapaxes(0, 1) for t, _ in drawn], 1).astype(np.float32)
        for name in ("inputs", "targets", "mask")
    )
    trials, xi = zip(*drawn, strict=True)
    return list(trials), Trials(inputs, targets, mask), np.stack(xi, 1)


def checked(trials: Trials, task: Task, n_trials: int) -> Trials:
    """The trials; ValueError unless their shapes are those that a task promises."""
    shapes = [np.shape(x) for x in (trials.inputs, trials.targets, trials.mask)]
    n_steps = shapes[0][1] if len(shapes[0]) == 3 else 0
    if not n_steps or shapes != [
        (n_trials, n_steps, task.n_inputs),
        (n_trials, n_steps, task.n_outputs),
        (n_trials, n_steps),
    ]:
        raise ValueError(
            f"{type(task).__name__}.sample made inputs {shapes[0]}, targets {shapes[1]} and mask "
            f"{shapes[2]}; they must be"
            f" (trial, time, input), (trial, time, output) and (trial, time), with {n_trials} "
            f"trials, n_inputs = {task.n_inputs}"
            f" and n_outputs = {task.n_outputs}."
        )
    return trials
