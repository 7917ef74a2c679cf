"""Time of one training update of ten networks: our gradient against TensorFlow's own, processes against threads.

    python benchmarks/training_speed.py

Four ways compute the same update (loss, gradient and Adam; 10 trials of 5 s): the gradient of `taskrnn.training`, or the
tape's over `tf.scan`; in two processes of five networks with one thread each, or in one process of ten with two threads.
They take turns, so that what else the machine does hits all; ratios are of medians. Trials are drawn ahead.
"""

import multiprocessing
import os
import time
from statistics import median

import numpy as np

ROUNDS, UPDATES = 7, 3
SHAPES = {"2 processes x 1 thread": (2, 1), "1 process x 2 threads": (1, 2)}
WAYS = ("ours", "tape over tf.scan")


def tape_gradient(weights, trials, xi, *, network):
    """The loss of `taskrnn.training.gradient` as one writes it first, and its gradient by the tape."""
    from taskrnn.quiet_tensorflow import tf
    from taskrnn.simulation import drive

    k, _, n_trials, _ = trials.inputs.shape
    alpha, n = network.alpha, network.n_units
    with tf.GradientTape() as tape:
        tape.watch(weights.recurrent)
        total = drive(weights, trials.inputs) + (2 / alpha) ** 0.5 * network.sigma * xi

        def step(r, c):
            return (1 - alpha) * r + alpha * tf.nn.relu(tf.matmul(r, weights.recurrent, transpose_b=True) + c)

        rates = tf.scan(step, tf.transpose(total, [1, 0, 2, 3]), tf.zeros([k, n_trials, n]))
        z = tf.einsum("tkbn,kon->ktbo", rates, weights.readout)
        error = (z - trials.targets) * trials.mask[..., None]
        loss = tf.reduce_sum(error**2, [1, 2, 3]) / (z.shape[-1] * tf.reduce_sum(trials.mask, [1, 2]))
        whole = tf.reduce_sum(loss)  # networks do not touch each other: the gradient of the sum has each one's own
    dw = tape.gradient(whole, weights.recurrent)
    return loss, tf.linalg.set_diag(dw, tf.zeros([k, n]))


def serve(connection, way, name, seeds):
    """One process: build the update, send loss and gradient of the first one, then make UPDATES at every request."""
    from taskrnn import training
    from taskrnn.experiment import EXPERIMENTS
    from taskrnn.network import Weights, stack, untrained_weights
    from taskrnn.quiet_tensorflow import tf
    from taskrnn.tasks.trials import Trials

    task, network = EXPERIMENTS[name].task, EXPERIMENTS[name].network
    weights = stack([untrained_weights(network, n_inputs=task.n_inputs, n_outputs=task.n_outputs, seed=s) for s in seeds])
    trials, xi = training.batch(task, network, seeds=seeds, purpose="training", place=0, n_trials=10)
    recurrent = tf.Variable(weights.recurrent)
    constants = Weights(None, *(tf.constant(w) for w in weights[1:]))
    optimizer = tf.keras.optimizers.Adam()
    optimizer.build([recurrent])
    gradient = {"ours": training.gradient, "tape over tf.scan": tape_gradient}[way]

    @tf.function(autograph=False)
    def update(inputs, targets, mask, xi):
        now = constants._replace(recurrent=recurrent.read_value())
        loss, dw = gradient(now, Trials(inputs, targets, mask, None, None), xi, network=network)
        optimizer.apply([dw], [recurrent])
        return loss, dw

    first = update(*trials[:3], xi)
    connection.send([part.numpy() for part in first])
    while connection.recv():
        for _ in range(UPDATES):
            update(*trials[:3], xi)[0].numpy()
        connection.send(None)


class Group:
    """The processes of one way and shape."""

    def __init__(self, way, shape, name):
        n_processes, n_threads = SHAPES[shape]
        os.environ |= {"TF_NUM_INTRAOP_THREADS": str(n_threads), "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self.name = f"{way}, {shape}"
        self.connections, self.processes = [], []
        for seeds in np.array_split(np.arange(10), n_processes):
            ours, theirs = multiprocessing.Pipe()
            process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, way, name, seeds.tolist()))
            process.start()
            self.connections.append(ours), self.processes.append(process)
        self.loss, self.gradient = map(np.concatenate, zip(*(c.recv() for c in self.connections), strict=True))

    def milliseconds(self):
        """Time of one update of all ten networks."""
        start = time.perf_counter()
        for connection in self.connections:
            connection.send(True)
        for connection in self.connections:
            connection.recv()
        return 1e3 * (time.perf_counter() - start) / UPDATES

    def stop(self):
        for connection, process in zip(self.connections, self.processes, strict=True):
            connection.send(False)
            process.join()


def main():
    """Print a table of medians for each task."""
    for name in ("perception", "decision"):
        groups = [Group(way, shape, name) for way in WAYS for shape in SHAPES]
        first = groups[0]
        apart = max(np.abs(g.gradient - first.gradient).max() for g in groups) / np.abs(first.gradient).max()
        times = np.array([[g.milliseconds() for g in groups] for _ in range(ROUNDS)])
        for g in groups:
            g.stop()
        print(f"{name}: gradients differ by at most {apart:.0e} of the largest entry")
        print(f"{'':<42}{'ms per update':>14}{'of the first':>14}")
        for g, column in zip(groups, times.T, strict=True):
            print(f"{g.name:<42}{median(column):>14.0f}{median(column) / median(times[:, 0]):>14.2f}")


if __name__ == "__main__":
    main()
