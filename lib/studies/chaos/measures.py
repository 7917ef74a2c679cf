"""The whole Lyapunov spectrum of a network, driven by its own session (claim G1 in full)."""

from contextlib import suppress

import numpy as np
import xarray as xr

from studies.regime.measures import RATE, WHEN, session_drive
from taskrnn.activity.inputs import DISCARD
from taskrnn.analysis.stability.lyapunov import N_SAMPLES, lyapunov
from taskrnn.ensembles.members import weights
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs
from taskrnn.networks.activation import leaky_relu
from taskrnn.networks.rate import RateNetwork
from taskrnn.random_numbers import generator


@needs(network=RateNetwork)
def spectrum(experiment: Experiment, network: xr.Dataset, *, n_steps: int = 1000) -> xr.Dataset:
    """All exponents along the session of one network before and after training; NaN if it diverges.

    The steps that count start after the transient of the chapter on the regime.

    Parameters
    ----------
    network : Dataset of one network
    n_steps : int
        Steps that count.

    Returns
    -------
    Dataset along `when` with
        exponent, drift (number,) in 1/tau, falling, see `taskrnn.analysis.stability.lyapunov`, -inf
            where a direction was lost;
        largest (sample,) in 1/tau and time (sample,) in tau, estimates of the largest on the way

    Raises
    ------
    Unmeasurable
        It diverges before and after training.
    """
    settings, rng = experiment.network, generator(int(network.seed[0]), "spectrum.directions")
    # A quarter of the spectrum's steps turn the frame; the activity has the regime's own transient
    # to reach its attractor.
    alignment = n_steps // 4
    states = []
    for when in WHEN:
        W = weights(network, when).recurrent.astype(float)
        drive = session_drive(experiment, network, when=when, n_steps=n_steps + alignment)[None]
        options = {
            "activation": leaky_relu(settings.theta),
            "alpha": settings.alpha,
            "transient": DISCARD,
            "alignment": alignment,
        }
        states.append(one_state(W, drive, rng=rng, **options))
    diverges = [
        when for when, state in zip(WHEN, states, strict=True) if np.isnan(state.time).all()
    ]
    reason = (
        f"its rates grow beyond all bounds {' and '.join(diverges)} training" if diverges else ""
    )
    if len(diverges) == len(WHEN):
        raise Unmeasurable(reason)
    return xr.concat(states, "when").assign_coords(when=list(WHEN)).assign_attrs(reason=reason)


def one_state(W, drive, *, rng, **options) -> xr.Dataset:
    """The spectrum of one network (1, unit, unit) under one drive (1, time, unit)."""
    n = W.shape[-1]
    exponents, drift, largest, times = (
        np.full(n, np.nan),
        np.full(n, np.nan),
        np.full(N_SAMPLES, np.nan),
        np.full(N_SAMPLES, np.nan),
    )
    with suppress(FloatingPointError):
        found = lyapunov(W, drive, rng=rng, n_exponents=n, **options)
        exponents, drift, largest, times = (
            found.exponents[0],
            found.drift[0],
            found.running[0, :, 0],
            found.times,
        )
    return xr.Dataset(
        {
            "exponent": ("number", exponents, {"long_name": "Lyapunov exponents", **RATE}),
            "drift": ("number", drift, {"long_name": "second half of the run minus first", **RATE}),
            "largest": (
                "sample",
                largest,
                {"long_name": "estimate of the largest on the way", **RATE},
            ),
            "time": ("sample", times, {"long_name": "time that counts", "units": "tau"}),
        }
    )
