"""PsychRNN, one network: a model of one's own on `BasicScan`.

`BasicScan` itself has the nonlinearity on the other side of the weights, x_t = (1 - alpha) x_{t-1}
+ alpha (W f(x_{t-1}) + W_in u_t + b) + sqrt(2 alpha) sigma xi_t and z = W_out f(x), and its noise
outside of it. The class below moves both, with the same operations otherwise, so that the network
is ours; all else is PsychRNN's. The updates are those in the loop of `RNN.train`, which draws new
weights whenever it is called and would record the loss every tenth time.
"""

from psychrnn.backend.models.basic import BasicScan

from benchmarks import sizes
from taskrnn.networks.quiet_tensorflow import tf

tf.get_logger().setLevel("ERROR")


class RateScan(BasicScan):
    def recurrent_timestep(self, state, rnn_in):
        total = (
            tf.matmul(state, self.get_effective_W_rec(), transpose_b=True)
            + tf.matmul(rnn_in, self.get_effective_W_in(), transpose_b=True)
            + self.b_rec
            + (2 / self.alpha) ** 0.5 * self.rec_noise * tf.random.normal(tf.shape(state))
        )
        return (1 - self.alpha) * state + self.alpha * self.transfer_function(total)

    def output_timestep(self, dummy, state):
        return tf.matmul(state, self.get_effective_W_out(), transpose_b=True) + self.b_out


def mean_over_mask(predictions, y, output_mask):
    """PsychRNN's own loss divides by all steps; ours by those that count."""
    return tf.reduce_sum((output_mask * (predictions - y)) ** 2) / tf.reduce_sum(output_mask)


def build(experiment, seeds):
    (recurrent,), (w_in,), (bias,), (readout,) = sizes.weights(experiment, seeds)
    network, size = experiment.network, sizes.size(experiment)
    n_out, n = readout.shape
    fixed = ("W_in_train", "W_out_train", "b_rec_train", "b_out_train", "init_state_train")
    model = RateScan(
        {
            "name": f"noise_{network.sigma}",
            "N_in": w_in.shape[1],
            "N_rec": n,
            "N_out": n_out,
            "N_steps": size["T"],
            "N_batch": size["B"],
            "dt": network.dt,
            "tau": network.tau,
            "rec_noise": network.sigma,
            "W_rec": recurrent,
            "W_in": w_in,
            "W_out": readout,
            "b_rec": bias,
            "init_state": 0 * bias[None],
            "autapses": False,
            "loss_function": "mean_over_mask",
            "mean_over_mask": mean_over_mask,
            **dict.fromkeys(fixed, False),
        }
    )
    model.build()
    optimize = tf.compat.v1.train.AdamOptimizer(
        experiment.training.learning_rate, epsilon=1e-7
    ).minimize(model.reg_loss)
    model.sess.run(tf.compat.v1.global_variables_initializer())

    def updates(trials, times):
        x, y, mask = (array[0] for array in trials[:3])
        mask = mask[..., None].repeat(n_out, axis=-1)
        for _ in range(times):
            loss, _ = model.sess.run(
                [model.reg_loss, optimize], {model.x: x, model.y: y, model.output_mask: mask}
            )
        return [loss]

    return updates
