"""Results of costly analyses, kept per network beside the ensemble in the same kind of file.

A result is found again by the network it was computed from, the settings, and the hash of the code
that computes it (the measure's module and all it imports). A change of one analysis therefore
recomputes that analysis alone.
"""

import hashlib
import json
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, Future, as_completed
from pathlib import Path

import numpy as np
import xarray as xr
from IPython.display import display
from tqdm import tqdm

from code_identity.definitions import definition_hash
from taskrnn.ensembles import progress, storage
from taskrnn.ensembles.ensemble import joined
from taskrnn.ensembles.members import RECURRENT
from taskrnn.ensembles.network_files import folder
from taskrnn.ensembles.workers import workers
from taskrnn.experiments import Experiment
from taskrnn.missing import NUMERICAL, Missing, Unmeasurable
from taskrnn.needs import unfit
from taskrnn.variables import variable


def measured(
    measure: Callable[..., xr.Dataset],
    experiment: Experiment,
    networks: xr.Dataset,
    *,
    data: str | Path,
    executor: Executor | None = None,
    **settings,
) -> xr.Dataset:
    """The measure of every network of an ensemble; what is on disk is read, the rest is computed in
    parallel.

    Parameters
    ----------
    measure : callable(experiment, network, **settings) -> Dataset A function at the top of a
        module. It receives an ensemble of one network (the `network` axis is kept, with length one)
        and returns a Dataset without a `network` axis. Where it cannot be taken it raises
        `taskrnn.missing.Unmeasurable`; where only a part can, that is NaN and the attribute
        `reason` says why.
    networks : Dataset
        From `taskrnn.ensembles.ensemble.ensemble`.
    data : path
        The data folder. Workers on other machines must see it under the same path.
    executor : Executor, optional
        What computes the missing ones, as in `taskrnn.ensembles.ensemble.ensemble`.
    **settings
        Plain values, part of what identifies the result.

    Returns
    -------
    Dataset with a leading `network` axis
        A network that cannot be measured has NaN for all its numbers. `reason` (network,) says why
        numbers are missing, '' if none are, and a note is displayed that names these networks.

    Raises
    ------
    ValueError
        The measure needs another kind of task or network (`taskrnn.needs`), or weights of networks
        that are kept without.
    Unmeasurable
        No network can be measured: then it is the measure, or the training, that is at fault.
    """
    if unsuited := unfit(measure, experiment):
        raise ValueError(f"{measure.__name__} cannot be taken of {experiment.name}: {unsuited}.")
    code = definition_hash(measure)
    name = f"{measure.__module__}.{measure.__name__}"
    paths, found = {}, {}
    for k, artefact in enumerate(networks.checksum.values.tolist()):
        identity = json.dumps([artefact, settings, code], sort_keys=True)
        digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
        paths[k] = folder(experiment, data) / name / f"{k:06d}-{digest}.nc"
        if (dataset := storage.read_or_set_aside(paths[k])) is not None:
            found[k] = dataset
    missing = {k: path for k, path in paths.items() if k not in found}
    if missing and not set(RECURRENT) <= set(networks):
        raise ValueError(
            f"{name} is not among what is kept of {experiment.name}, and the weights of these "
            "networks are not kept; give Study kept=False to train them here."
        )
    if missing:
        attributes = {
            "measure": name,
            "measure_settings": json.dumps(settings, sort_keys=True),
            "measure_code": code,
        }
        with workers(executor) as pool:
            jobs = []
            for k, path in missing.items():
                one = networks.isel(network=[k])
                job = pool.submit(compute, measure, experiment, one, settings, path, attributes)
                jobs.append(job)
            wait_for(jobs, f"{experiment.name}: {name}")
        found |= {k: storage.read(path) for k, path in missing.items()}
    reasons = {k: found[k].attrs["reason"] for k in paths if found[k].attrs["reason"]}
    if not any(found[k].data_vars for k in paths):
        first = found[0].attrs
        raise Unmeasurable(
            f"{name} can be taken of no network of {experiment.name}: {first['reason']} "
            f"({first['place']})"
        )
    if reasons:
        what = ", ".join([experiment.name, measure.__name__, *plainly(settings)])
        display(Missing(what=what, reasons=reasons, n_networks=len(paths)))
    together = joined(with_the_missing([found[k] for k in paths]))
    del together.attrs["reason"], together.attrs["place"]
    why = [reasons.get(k, "") for k in paths]
    return together.assign(reason=variable("network", why, "why numbers are missing"))


def wait_for(jobs: list[Future], what: str) -> None:
    """Wait for all jobs, with a progress bar; raises what the first that fails has met."""
    with tqdm(
        total=len(jobs), desc=what, unit=" networks", file=progress.stream(), mininterval=1
    ) as bar:
        for job in as_completed(jobs):
            job.result()
            bar.update()


def plainly(settings: dict) -> list[str]:
    """The settings that are words, such as "after"; numbers say nothing to a reader of the page."""
    return [value for value in settings.values() if isinstance(value, str)]


def compute(
    measure: Callable,
    experiment: Experiment,
    network: xr.Dataset,
    settings: dict,
    path: Path,
    attributes: dict,
) -> None:
    """Measure one network and write the result, an empty one with the reason if it cannot be
    measured; runs in a process of its own.
    """
    reason, place = "", ""
    try:
        if not all(np.isfinite(network[name]).all() for name in RECURRENT):
            raise Unmeasurable("training left weights that are not finite")
        result = measure(experiment, network, **settings)
        if not isinstance(result, xr.Dataset):
            raise TypeError(
                f"{measure.__name__} returned a {type(result).__name__}; a measure returns an "
                "xarray.Dataset."
            )
        reason = result.attrs.get("reason", "")
    except NUMERICAL as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        result, reason, place = (
            xr.Dataset(),
            str(error) or type(error).__name__,
            f"{Path(last.filename).name}:{last.lineno}",
        )
    storage.write(result.assign_attrs(attributes | {"reason": reason, "place": place}), path)


def with_the_missing(results: list[xr.Dataset]) -> list[xr.Dataset]:
    """The results, those that are empty in the shape of the others and with NaN for every
    number.
    """
    whole = next(result for result in results if result.data_vars)

    def missing(checksum: str) -> xr.Dataset:
        numbers = {
            name: xr.full_like(v, np.nan, dtype=v.dtype if v.dtype.kind == "f" else float)
            for name, v in whole.data_vars.items()
            if v.dtype.kind in "biuf"
        }
        return whole.assign(numbers).assign_attrs(checksum=checksum)

    return [result if result.data_vars else missing(result.attrs["checksum"]) for result in results]
