"""Plain TensorFlow, networks batched: `tf.scan` over time and the gradient of the tape."""

from benchmarks import sizes
from taskrnn.networks.quiet_tensorflow import tf


def build(experiment, seeds):
    network, size = experiment.network, sizes.size(experiment)
    weights = sizes.weights(experiment, seeds)
    recurrent = tf.Variable(weights.recurrent)
    w_in, bias, readout = (tf.constant(w) for w in weights[1:])
    alpha, k, n = network.alpha, len(seeds), network.n_units
    strength = (2 / alpha) ** 0.5 * network.sigma
    optimizer = tf.keras.optimizers.Adam(experiment.training.learning_rate)
    optimizer.build([recurrent])

    @tf.function(autograph=False)
    def update(inputs, targets, mask):
        with tf.GradientTape() as tape:
            xi = tf.random.normal([size["T"], k, size["B"], n])
            total = tf.einsum("kbti,kni->tkbn", inputs, w_in) + bias[:, None] + strength * xi

            def step(r, c):
                return (1 - alpha) * r + alpha * tf.nn.relu(
                    tf.matmul(r, recurrent, transpose_b=True) + c
                )

            rates = tf.scan(step, total, tf.zeros([k, size["B"], n]))
            z = tf.einsum("tkbn,kon->kbto", rates, readout)
            error = (z - targets) * mask[..., None]
            loss = tf.reduce_sum(error**2, [1, 2, 3]) / (z.shape[-1] * tf.reduce_sum(mask, [1, 2]))
            whole = tf.reduce_sum(
                loss
            )  # networks do not touch each other: the gradient of the sum has each one's own
        dw = tape.gradient(whole, recurrent)
        optimizer.apply([tf.linalg.set_diag(dw, tf.zeros([k, n]))], [recurrent])
        return loss

    def updates(trials, times):
        for _ in range(times):
            loss = update(*trials[:3]).numpy()
        return loss

    return updates
