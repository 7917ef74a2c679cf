"""Fixed points of trained networks of any architecture of this study, counted in one way (U1a,
U1b).

ReLU networks are solved exactly, those of low rank with their recurrent weights as one matrix; tanh
networks by Newton's method and the minimising search that follows it; gated networks by Newton's
method (`studies.architectures.gated`). A quarter of the starts of the latter two are at random, the
others between and around states of trials.
"""

from dataclasses import replace

import numpy as np
import xarray as xr

from studies.architectures.gated import gated_points, largest_exponent
from studies.architectures.networks import GatedNetwork, LowRankNetwork, TanhNetwork
from studies.architectures.random_matrices import LEAD
from studies.counting.measures import CASES, at_input, counts, fastest, growth_far_out, share_wrong
from taskrnn.analysis.fixed_points.points import FixedPoints
from taskrnn.analysis.fixed_points.slow import slow_points
from taskrnn.analysis.stability.side_by_side import largest_exponents
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.activation import RELU, TANH
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.tasks.trials import ConstantInputTask
from taskrnn.variables import WHEN, variable

N_STARTS = 400  # of the search in one case, in all; saddles between memories are hit by few
N_INPUTS = 4  # constant inputs of a task without memory
BOUNDED = -1.0  # 1/tau: far out, tanh is nothing beside the leak


@needs(
    task=FlipFlop | ConstantInputTask,
    network=RateNetwork | TanhNetwork | GatedNetwork | LowRankNetwork,
)
def points_of(
    experiment: Experiment,
    network: xr.Dataset,
    *,
    cases: tuple[str, ...] = CASES,
    n_starts: int = N_STARTS,
    n_exponents: int = 8,
    n_steps: int = 1000,
) -> xr.Dataset:
    """Fixed points of one network at zero input, or at constant inputs that its task draws.

    Parameters
    ----------
    network : Dataset of one network
    cases : of "before" and "after" training and "random change", which is the untrained weights
        with Gaussian changes, of the norm of the trained ones, of those weights that training
        changed
    n_starts : int, starts of each case, shared out over the inputs
    n_exponents, n_steps : int, random states and steps that count for the largest exponent

    Returns
    -------
    Dataset with, along case and input,
        found, index, by_directions (direction,), last_new : as in `studies.counting.measures`
    along case,
        far_growth : 1/tau; below 0 activity stays bounded
        error : of the task
    and after training, at the first input,
        exponent, drift : 1/tau, of the start with the largest exponent; NaN without a bound

    Raises
    ------
    Unmeasurable
        Training failed, or the weights are not finite.
    """
    if "failed" in network and int(network.failed[0]) >= 0:
        raise Unmeasurable("its training failed: the loss ended above its start or was no number")
    rng = generator(int(network.seed[0]), "architectures.points")
    inputs, w = constant_inputs(experiment), changed(network, rng=rng)
    rows, reasons = [], []
    for case in cases:
        of, own = as_rate(experiment, w[case])
        error = share_wrong(w[case], experiment, rng=rng)
        states = starts_of(experiment, w[case], n_starts=n_starts // len(inputs), rng=rng)
        at = [counts(search(of, own, u, states, rng=rng)) for u in inputs]
        far = growth_far_out(own, of, rng=rng) if isinstance(of.network, RateNetwork) else BOUNDED
        rows.append(xr.concat(at, "input").assign(far_growth=far, error=error))
        none = int((rows[-1].found == 0).sum())
        reasons += [f"{case}: no fixed point is found at {none} inputs"] * bool(none)
        reasons += [f"{case}: rates grow beyond all bounds in trials"] * bool(np.isnan(error))
    found = xr.concat(rows, "case").assign_coords(case=list(cases))
    of, own = as_rate(experiment, w["after"])
    bounded = float(found.far_growth.sel(case="after")) < 0
    exponent, drift = np.nan, np.nan
    if bounded:
        exponent, drift = chaos(of, own, inputs[0], n_starts=n_exponents, n_steps=n_steps, rng=rng)
    reasons += ["after: activity can grow without bound, which has no exponent"] * (not bounded)
    found["exponent"] = variable("", exponent, "largest Lyapunov exponent", "1/tau")
    found["drift"] = variable("", drift, "second half of the run minus first", "1/tau")
    return found.assign_attrs(reason="; ".join(reasons))


def constant_inputs(experiment: Experiment) -> np.ndarray:
    """Where points are counted, (input, channel): the same for all networks of a task."""
    task = experiment.task
    if isinstance(task, FlipFlop):
        return np.zeros((1, task.n_inputs))
    return task.draw(1, N_INPUTS, rng=generator(0, "architectures.inputs"))[0]


def changed(network: xr.Dataset, *, rng: np.random.Generator) -> dict[str, Weights]:
    """The weights of one network in all cases; see `points_of`."""
    w = {when: weights(network, when) for when in WHEN}
    change = (w["after"].recurrent - w["before"].recurrent).astype(float)
    if not np.isfinite(change).all():
        raise Unmeasurable("its recurrent weights are not finite")
    drawn = rng.standard_normal(change.shape) * (change != 0)
    drawn *= np.linalg.norm(change) / max(np.linalg.norm(drawn), np.finfo(float).tiny)
    return w | {"random change": w["before"]._replace(recurrent=w["before"].recurrent + drawn)}


def as_rate(experiment: Experiment, w: Weights) -> tuple[Experiment, Weights]:
    """A low-rank network as the rate network that it is, with its recurrent weights as one matrix;
    any other as it stands.
    """
    own = experiment.network
    if not isinstance(own, LowRankNetwork):
        return experiment, w
    sizes = {name: getattr(own, name) for name in ("n_units", "sigma", "tau", "dt", "gain")}
    network = RateNetwork(input_sd=own.input_sd, bias_sd=own.bias_sd, **sizes)
    to, of = np.split(w.recurrent.astype(float), 2, axis=2)
    return replace(experiment, network=network), w._replace(recurrent=to @ of.mT)


def starts_of(experiment: Experiment, w: Weights, *, n_starts: int, rng) -> np.ndarray:
    """States (start, unit): a quarter at random, the others on lines through pairs of states of
    trials.
    """
    n, between = experiment.network.n_units, 3 * n_starts // 4
    drawn = rng.uniform(-1, 1, (n_starts - between, n)) * rng.random((n_starts - between, 1))
    trials = experiment.task.sample(10, dt=experiment.network.dt, rng=rng)
    rates = simulate(w, trials.inputs, network=experiment.network)[0].astype(float)
    one, other = rng.permutation(np.nan_to_num(rates.reshape(-1, n)))[: 2 * between].reshape(
        2, -1, n
    )
    return np.concatenate([drawn, one + rng.uniform(-0.25, 1.25, (between, 1)) * (other - one)])


def search(
    experiment: Experiment, w: Weights, u: np.ndarray, starts: np.ndarray, *, rng
) -> FixedPoints:
    """The fixed points of one network at constant input u (input,); a ReLU network is solved from
    as many random starts of its own.
    """
    network = experiment.network
    if isinstance(network, RateNetwork):
        return at_input(w, u, experiment, n_starts=len(starts), rng=rng)
    W, W_in, b = (of[0].astype(float) for of in w[:3])
    c = W_in @ u + b
    if isinstance(network, GatedNetwork):
        return gated_points(W, c, starts, alpha=network.alpha)
    options = {"activation": TANH, "alpha": network.alpha, "max_iter": 50}
    return slow_points(W[None], c[None], starts[None], **options)[0].fixed


def chaos(
    experiment: Experiment, w: Weights, u: np.ndarray, *, n_starts: int, n_steps: int, rng
) -> tuple[float, float]:
    """Largest exponent of one network left alone at constant input u (input,), of all starts, and
    its drift, 1/tau.
    """
    network = experiment.network
    W, W_in, b = (of[0].astype(float) for of in w[:3])
    c = W_in @ u + b
    start, kicks = rng.standard_normal((2, n_starts, network.n_units))
    if isinstance(network, GatedNetwork):
        states = np.tanh(start)
        return largest_exponent(W, c, states, kicks, alpha=network.alpha, n_steps=n_steps, **LEAD)
    drive = np.broadcast_to(c, (n_starts, sum(LEAD.values()) + n_steps, len(c)))
    f = TANH if isinstance(network, TanhNetwork) else RELU
    options = {"activation": f, "alpha": network.alpha, "initial": np.abs(start)[None]}
    return fastest(largest_exponents(W, drive, kicks[None], **options, **LEAD))
