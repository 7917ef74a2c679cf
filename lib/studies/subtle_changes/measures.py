"""What training changes in the recurrent weights, beside random changes (Figure 7; S1 to S3, S5).

`changes` measures the weights alone, `losses` what the network loses when its change is cut down.
Neither can be taken of a network whose weights are not finite after training.

A value under a null is the mean over its draws. The nulls are

gaussian    Gaussian change of the same norm
factors     change of the same rank and norm whose singular vectors are shuffled, each by itself
active      the same as factors, within the units whose weights change at all: those that are
            silent in training have no gradient
rank        the same with one shuffle for all left and one for all right vectors
            (`nulls.rank_matched_change`)

The last keeps the entries of the low-rank change and moves them to other rows and columns. It is
therefore a null for what depends on where entries are (non-normality), and none for their
distribution (claim S1), which has the second.
"""

import numpy as np
import xarray as xr

from taskrnn.analysis import nulls
from taskrnn.analysis import weights as spectra
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.network import Weights, noise
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import simulate
from taskrnn.random_numbers import generator
from taskrnn.tasks.trials import Trials
from taskrnn.variables import WHEN

PERCENTILE = 99  # of S2: displacement under the null beyond which an eigenvalue counts as displaced
RANKS = (*range(13), 15, 18, 22, 27, 33, 40, 50, 70, 100)
SHARES = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
STATES = (*WHEN, "gaussian", "rank")  # whose non-normality is taken
N_TRIALS = 100  # fixed test trials of `losses`


def recurrent(network: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Weights before and after training, (1, unit, unit).

    A network whose training failed is measured like any other, as long as its weights are finite.

    Raises
    ------
    Unmeasurable
        Its weights after training are not finite.
    """
    before, after = (weights(network, when).recurrent.astype(float) for when in WHEN)
    if not np.isfinite(after).all():
        raise Unmeasurable(f"its training failed at update {int(network.failed[0])}")
    return before, after


@needs(network=RateNetwork)
def changes(experiment: Experiment, network: xr.Dataset, *, n_draws: int = 10) -> xr.Dataset:
    """Size, concentration, eigenvalues, singular values and non-normality of one network's change.

    Parameters
    ----------
    network : Dataset of one network
    n_draws : int
        Draws of each null.

    Returns
    -------
    Dataset with
        relative_norm: Frobenius norm of dW over that of the untrained weights;
        top_share, excess_kurtosis (null,) of dW: "trained" and the four nulls;
        eigenvalues (when, unit, part), real and imaginary, those before matched to those after, and
        their displacement (unit,);
        random_displacement (draw, unit), under gaussian, and threshold, its percentile;
        share (kind,) displaced beyond it, and their mean modulus (when, kind), for "trained" and
        "gaussian";
        singular_value (unit,), edge of the shuffled dW, and rank, how many are above it;
        non_normality (norm, state): the norms of `spectra.NonNormality`, before and after training
        and after the nulls
    """
    before, after = recurrent(network)
    dW = after - before
    rng = generator(int(network.seed[0]), "subtle_changes.nulls")
    singular, edge = spectra.singular_values(dW), spectra.shuffled_edge(dW, rng=rng)
    rank = int(spectra.count_above(singular, edge)[0])
    draws = random_changes(dW, max(rank, 1), rng=rng, n_draws=n_draws)
    concentration = [spectra.concentration(d) for d in (dW, *draws.values())]
    states = before, after, before + draws["gaussian"], before + draws["rank"]
    norms = [np.mean(spectra.non_normality(w), axis=1) for w in states]
    start = np.linalg.norm(before)
    found = displacements(before, after, states[2]).assign(
        relative_norm=((), np.linalg.norm(dW) / start if start else np.nan),
        top_share=("null", [np.mean(c.top_share) for c in concentration]),
        excess_kurtosis=("null", [np.mean(c.excess_kurtosis) for c in concentration]),
        singular_value=("unit", singular[0]),
        edge=((), edge[0]),
        rank=((), float(rank)),
        non_normality=(("norm", "state"), np.array(norms).T),
    )
    names = {
        "null": ["trained", *draws],
        "norm": list(spectra.NonNormality._fields),
        "state": list(STATES),
    }
    reason = "" if dW.any() else "training left its weights as they were"
    return found.assign_coords(names).assign_attrs(reason=reason)


def rank_above(dW: np.ndarray, *, rng: np.random.Generator) -> int:
    """Singular values of a change (1, unit, unit) above the edge of the shuffled one."""
    edge = spectra.shuffled_edge(dW, rng=rng)
    return int(spectra.count_above(spectra.singular_values(dW), edge)[0])


def random_changes(
    dW: np.ndarray, rank: int, *, rng: np.random.Generator, n_draws: int
) -> dict[str, np.ndarray]:
    """Draws (draw, unit, unit) of each null for a change (1, unit, unit)."""
    kinds = {
        "gaussian": lambda: nulls.gaussian_change(dW, rng=rng),
        "factors": lambda: shuffled_factors(dW, rank, rng=rng),
        "active": lambda: shuffled_factors(dW, rank, rng=rng, silent=False),
        "rank": lambda: nulls.rank_matched_change(dW, rank, rng=rng),
    }
    return {kind: np.concatenate([draw() for _ in range(n_draws)]) for kind, draw in kinds.items()}


def displacements(before: np.ndarray, after: np.ndarray, random: np.ndarray) -> xr.Dataset:
    """What `changes` says of the eigenvalues.

    Parameters
    ----------
    before, after : ndarray (1, unit, unit)
    random : ndarray (draw, unit, unit), the weights before training with a random change
    """
    trained = spectra.match_eigenvalues(before, after)
    at_random = spectra.match_eigenvalues(np.repeat(before, len(random), axis=0), random)
    threshold = np.percentile(at_random.displacement, PERCENTILE)
    # All draws as one network: in a single draw there may be no eigenvalue beyond the threshold.
    pooled = spectra.Matched(*(values.reshape(1, -1) for values in at_random))
    displaced = [spectra.displaced(matched, threshold) for matched in (trained, pooled)]
    eigenvalues = np.concatenate([trained.before, trained.after])
    parts = np.stack([eigenvalues.real, eigenvalues.imag], axis=-1)
    moduli = [[d.modulus_before[0] for d in displaced], [d.modulus_after[0] for d in displaced]]
    return xr.Dataset(
        {
            "eigenvalues": (("when", "unit", "part"), parts),
            "displacement": ("unit", trained.displacement[0]),
            "random_displacement": (("draw", "unit"), at_random.displacement),
            "threshold": ((), threshold),
            "share": ("kind", [d.share[0] for d in displaced]),
            "modulus": (("when", "kind"), moduli),
        },
        coords={"when": list(WHEN), "kind": ["trained", "gaussian"], "part": ["real", "imag"]},
    )


def shuffled_factors(
    dW: np.ndarray, rank: int, *, rng: np.random.Generator, silent: bool = True
) -> np.ndarray:
    """Changes of the rank, singular values and norm of dW (1, unit, unit); each singular vector is
    permuted, over all units or over those alone that are not `silent`, whose weights change.

    How concentrated each vector is stays; that several vectors are large in the same units does
    not. The diagonal is zero.
    """
    left, strength, right = (part[0] for part in np.linalg.svd(dW))
    factors = left[:, :rank].T, right[:rank].copy()
    for vectors, changes in zip(factors, (dW[0].any(axis=1), dW[0].any(axis=0)), strict=True):
        among = np.full(dW.shape[-1], True) if silent else changes
        vectors[:, among] = rng.permuted(vectors[:, among], axis=-1)
    change = (factors[0].T * strength[:rank]) @ factors[1] * ~np.eye(dW.shape[-1], dtype=bool)
    norm = np.linalg.norm(change)
    return change[None] * (np.linalg.norm(dW) / norm if norm > 0 else 0.0)


@needs(network=RateNetwork)
def losses(experiment: Experiment, network: xr.Dataset, *, n_trials: int = N_TRIALS) -> xr.Dataset:
    """Masked loss, and the task's error, in fixed test trials with a part of the change alone.

    It is added to the weights before training. Trials and noise are the same for every part. A
    change of rank k keeps its diagonal, which is not zero: without it, it would not have rank k.

    Returns
    -------
    Dataset with
        low_rank (rank,): loss with the best approximation of the change of that rank; rank 0 is the
        untrained network;
        sparse (share,): loss with the largest entries of the change alone, by absolute value;
        trained: loss with the whole change;
        error, trained_error: the task's error in the places of low_rank and trained, NaN where
        rates grow beyond all bounds
    """
    before, after = recurrent(network)
    dW = after - before
    n_units = dW.shape[-1]
    trials = experiment.task.sample(
        n_trials, dt=experiment.network.dt, rng=generator(experiment.seed, "test")
    )
    rng = generator(int(network.seed[0]), "test", 1)
    xi = noise(experiment.network, n_trials, trials.inputs.shape[1], rng=rng)[None]

    def loss(change: np.ndarray) -> tuple[float, float]:
        start = weights(network, "before")
        whole = start._replace(recurrent=(before + change).astype(start.recurrent.dtype))
        return loss_and_error(whole, experiment, trials, xi)

    ranks = [k for k in RANKS if k < n_units]
    order = np.argsort(-np.abs(dW).ravel(), kind="stable")
    sparse = []
    for share in SHARES:
        kept = np.zeros(dW.size)
        largest = order[: round(share * n_units * (n_units - 1))]
        kept[largest] = dW.ravel()[largest]
        sparse.append(loss(kept.reshape(dW.shape))[0])
    trained, trained_error = loss(dW)
    low_rank, error = zip(*(loss(spectra.truncate(dW, k)) for k in ranks), strict=True)
    of_loss, of_error = {"long_name": "masked loss"}, {"long_name": "the task's error"}
    return xr.Dataset(
        {
            "low_rank": ("rank", list(low_rank), of_loss),
            "sparse": ("share", sparse, of_loss),
            "trained": ((), trained, of_loss),
            "error": ("rank", list(error), of_error),
            "trained_error": ((), trained_error, of_error),
        },
        coords={"rank": ranks, "share": list(SHARES)},
        attrs={"reason": "" if np.isfinite(trained) else "its loss in the test trials is infinite"},
    )


def masked_loss(z: np.ndarray, trials: Trials) -> float:
    """Mean squared error of outputs z (trial, time, output) over trials, outputs and steps that
    count, as in training.
    """
    return float(((z - trials.targets) ** 2).mean(axis=-1)[trials.mask > 0].mean())


def loss_and_error(
    one: Weights, experiment: Experiment, trials: Trials, xi: np.ndarray
) -> tuple[float, float]:
    """`masked_loss` of one network, and the task's own error."""
    rates = simulate(one, trials.inputs, network=experiment.network, xi=xi)
    # A part of the change can make a network unstable: its loss is then infinite or NaN.
    with np.errstate(over="ignore", invalid="ignore"):
        # As `outputs`, of all steps in one product: that copies no rates.
        z = rates.reshape(-1, rates.shape[-1]) @ one.readout[0].T
        z = z.reshape(trials.targets.shape).astype(float)
        loss = masked_loss(z, trials)
    return loss, experiment.task.error(trials, z) if np.isfinite(z).all() else np.nan
