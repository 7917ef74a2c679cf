"""Keras, one network: `keras.layers.RNN` with a cell of one's own, and `fit`.

The zero diagonal is a constraint on the weights, and the mask the weights of the samples.
"""

import keras
from keras import ops

from benchmarks import sizes
from taskrnn.networks.quiet_tensorflow import tf


class NoAutapses(keras.constraints.Constraint):
    def __call__(self, w):
        return w * (1 - ops.eye(w.shape[0]))


class Cell(keras.layers.Layer):
    def __init__(self, network, recurrent, w_in, bias):
        super().__init__()
        self.network, self.start = network, (recurrent, w_in, bias)
        self.state_size = self.output_size = network.n_units
        self.random = keras.random.SeedGenerator()

    def build(self, _):
        def weight(value, **options):
            return self.add_weight(
                shape=value.shape, initializer=lambda shape, dtype: value, **options
            )

        recurrent, w_in, bias = self.start
        self.recurrent = weight(recurrent.T, constraint=NoAutapses())
        self.w_in = weight(w_in.T, trainable=False)
        self.bias = weight(bias, trainable=False)

    def call(self, u, states):
        (r,), alpha = states, self.network.alpha
        total = ops.matmul(r, self.recurrent) + ops.matmul(u, self.w_in) + self.bias
        total += (
            (2 / alpha) ** 0.5 * self.network.sigma * keras.random.normal(r.shape, seed=self.random)
        )
        r = (1 - alpha) * r + alpha * ops.relu(total)
        return r, [r]


def build(experiment, seeds, *, jit_compile):
    (recurrent,), (w_in,), (bias,), (readout,) = sizes.weights(experiment, seeds)
    size = sizes.size(experiment)
    u = keras.Input(batch_shape=(size["B"], size["T"], w_in.shape[1]))
    rates = keras.layers.RNN(
        Cell(experiment.network, recurrent, w_in, bias), return_sequences=True
    )(u)
    dense = keras.layers.Dense(len(readout), use_bias=False, trainable=False)
    model = keras.Model(u, dense(rates))
    dense.set_weights([readout.T])
    model.compile(
        keras.optimizers.Adam(experiment.training.learning_rate),
        keras.losses.MeanSquaredError(reduction="mean_with_sample_weight"),
        jit_compile=jit_compile,
    )

    def updates(trials, times):
        data = tf.data.Dataset.from_tensors(tuple(x[0] for x in trials[:3])).repeat()
        return model.fit(data, steps_per_epoch=times, shuffle=False, verbose=0).history["loss"]

    return updates
