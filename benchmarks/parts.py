"""Where the time of an update goes: what cannot be left out, and the rest.

A process for each core works on its own shard at the same time as the others, as in training.
Everything is the library's own code or the least that it has to do:

trials and noise   drawing them, `taskrnn.training.batches.batch`
products           the matrix products of the update alone, in the same shapes and order
starting           the same graph for two units and one trial, where arithmetic costs nothing
the rest           of the whole update: passes over rates, noise and gradients
"""

from dataclasses import replace
from statistics import median

from benchmarks import sizes
from benchmarks.groups import Group, Requests
from benchmarks.tables import rounded, show
from taskrnn.experiments import Experiment

PARTS = ("trials and noise", "products", "starting", "gradient")


def measure(experiment: Experiment, shards: list[list[int]], *, rounds: int) -> dict[str, float]:
    """Medians over the rounds, in ms, of every part in all shards side by side."""
    group = Group(serve, [(experiment, seeds) for seeds in shards], n_threads=1, ours=True)
    group.answers()
    times = {
        part: median(group.ask(i)[0] for _ in range(rounds)) for i, part in enumerate(PARTS, 1)
    }
    group.stop()
    parts = {part: rounded(1e3 * seconds) for part, seconds in times.items()}
    show(
        f"Parts of an update, {experiment.name}",
        ["", "ms"],
        [[part, f"{ms:.1f}"] for part, ms in parts.items()],
    )
    return parts


def serve(requests: Requests, experiment: Experiment, seeds: list[int]) -> None:
    """One process: request i does part i once, after a first time that builds its graph."""
    parts = [build(experiment, seeds) for build in (trials_and_noise, products, starting, gradient)]
    for part in parts:
        part()
    requests.report(None)
    for request in requests:
        parts[request - 1]()


def trials_and_noise(experiment: Experiment, seeds: list[int]):
    from taskrnn.training.batches import batch

    n_trials = experiment.training.trials_per_update
    return lambda: batch(
        experiment.task,
        experiment.network,
        seeds=seeds,
        purpose="training",
        place=0,
        n_trials=n_trials,
    )


def gradient(experiment: Experiment, seeds: list[int]):
    from taskrnn.networks.network import Weights
    from taskrnn.networks.quiet_tensorflow import tf
    from taskrnn.tasks.trials import Trials
    from taskrnn.training.gradient import gradient

    weights = Weights(*map(tf.constant, sizes.weights(experiment, seeds)))
    _, trials, xi = trials_and_noise(experiment, seeds)()
    constants = [tf.constant(x) for x in (trials.inputs, trials.targets, trials.mask, xi)]

    @tf.function(autograph=False)
    def of(inputs, targets, mask, xi):
        return gradient(weights, Trials(inputs, targets, mask), xi, network=experiment.network)

    return lambda: of(*constants)[1].numpy()


def starting(experiment: Experiment, seeds: list[int]):
    few = replace(experiment.training, trials_per_update=1)
    return gradient(
        replace(experiment, network=replace(experiment.network, n_units=2), training=few), seeds
    )


def products(experiment: Experiment, seeds: list[int]):
    """Forwards and backwards a product with the weights at every step, and one for their gradient
    at every turn of the loop.
    """
    from taskrnn.networks.quiet_tensorflow import tf
    from taskrnn.networks.simulation import turns

    w = tf.constant(sizes.weights(experiment, seeds).recurrent)
    n_trials = experiment.training.trials_per_update
    n_turns, steps = turns(round(experiment.task.schedule.duration / experiment.network.dt))
    noise = tf.random.normal([len(seeds), n_trials, w.shape[-1]])

    @tf.function(autograph=False)
    def run(r):
        def turn(i, r, dw):
            rows = []
            for _ in range(2 * steps):
                rows.append(tf.matmul(r, w))
                r = tf.maximum(rows[-1], noise)  # something that keeps the numbers in range
            half = [tf.concat(rows[start : start + steps], 1) for start in (0, steps)]
            return i + 1, r, dw + tf.matmul(*half, transpose_a=True)

        start = (tf.constant(0), r, tf.zeros_like(w))
        return tf.while_loop(lambda i, *_: i < n_turns, turn, start, parallel_iterations=1)[2]

    return lambda: run(noise).numpy()
