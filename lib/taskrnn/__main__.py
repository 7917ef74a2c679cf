"""Train ensembles and see how far they are.

python -m taskrnn train decision --networks 1000 --on slurm --jobs 20 --slurm queue=main
python -m taskrnn status decision --networks 1000
python -m taskrnn train experiments:MINE --networks 1000  # MINE in experiments.py, in this folder
"""

import argparse
import math
import pkgutil
import sys
import time
from dataclasses import replace

import loky

from taskrnn.ensembles.ensemble import bytes_needed, ensemble, existing, shard_size
from taskrnn.ensembles.network_files import folder
from taskrnn.ensembles.status import status
from taskrnn.ensembles.workers import PLACES, executor
from taskrnn.experiments import EXPERIMENTS, Experiment
from taskrnn.profiles import PROFILES, experiment_named

MEASURED_UPDATES, GB_PER_WORKER = (
    3,
    1.0,
)  # the largest process of the paper's sizes had 0.9 GB (benchmarks)


def main() -> None:
    """The command line."""
    options = parser().parse_args()
    experiment = chosen(options.task, profile=options.profile)
    if options.networks < 1:
        raise ValueError(f"{options.networks} networks cannot be made; ask for at least one.")
    if options.command == "status":
        print(status(experiment, options.networks, data=options.data))
    elif options.dry_run:
        forecast(experiment, options)
    else:
        slurm = dict(pair.partition("=")[::2] for pair in options.slurm)
        with executor(options.on, jobs=options.jobs, **slurm) as pool:
            networks = ensemble(experiment, options.networks, data=options.data, executor=pool)
        failed = networks.network.values[networks.failed.values >= 0].tolist()
        print(f"{options.networks} networks are in {folder(experiment, options.data)}.")
        if failed:
            print(f"Training failed in {len(failed)} of them: {failed}.")


def chosen(task: str, *, profile: str) -> Experiment:
    """The experiment of a task of the note in the size of the profile, or one of your own, as
    "module:NAME", as it stands; ValueError if there is none.
    """
    if ":" not in task:
        return experiment_named(task, profile=profile)
    try:
        experiment = pkgutil.resolve_name(task)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(
            f"There is no {task} ({error}); give module:NAME, of a module that can be imported in "
            "this folder."
        ) from None
    if not isinstance(experiment, Experiment):
        raise ValueError(f"{task} is no Experiment; give module:NAME of one.")
    return experiment


def parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m taskrnn", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("train", "train what is missing"),
        ("status", "say what is there, what runs and what is missing"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument(
            "task", help=f"{', '.join(EXPERIMENTS)}, or module:NAME of an experiment of your own"
        )
        command.add_argument(
            "--networks",
            type=int,
            default=PROFILES["paper"].n_networks,
            help="default: %(default)s",
        )
        command.add_argument(
            "--profile",
            choices=PROFILES,
            default="paper",
            help="size of the networks, default: %(default)s",
        )
        command.add_argument(
            "--data", default="data", help="folder of all data, default: %(default)s"
        )
    train = commands.choices["train"]
    train.add_argument(
        "--on",
        default="processes",
        help=f"{', '.join(PLACES)}, or a Dask scheduler's address; default: %(default)s",
    )
    train.add_argument("--jobs", type=int, default=2, help="Slurm jobs, default: %(default)s")
    train.add_argument(
        "--slurm",
        nargs="*",
        default=[],
        metavar="name=value",
        help="options of dask_jobqueue.SLURMCluster",
    )
    train.add_argument(
        "--dry-run",
        action="store_true",
        help="say how many shards, how much memory and time; train nothing",
    )
    return parser


def forecast(experiment, options) -> None:
    """Print what training would take, by the time of a few updates of one shard on this machine."""
    from taskrnn.training.train import train

    n_workers = {"processes": loky.cpu_count(), "here": 1}.get(options.on, options.jobs)
    missing = options.networks - len(
        existing(experiment, options.networks, folder(experiment, options.data))
    )
    print(
        f"{options.networks - missing} of {options.networks} networks are there, {missing} are "
        "missing."
    )
    if not missing:
        return
    shared = n_workers if options.on == "processes" else 1
    size = shard_size(experiment.network, missing, shared)
    n_shards = math.ceil(missing / size)
    times = []
    # One more, because the first update builds the graph.
    few = replace(experiment.training, updates=MEASURED_UPDATES + 1, stop_error=None)
    train(
        experiment.task,
        experiment.network,
        few,
        seeds=list(range(size)),
        progress=lambda *_: times.append(time.perf_counter()),
    )
    per_update = (times[-1] - times[0]) / MEASURED_UPDATES
    hours = math.ceil(n_shards / n_workers) * experiment.training.updates * per_update / 3600
    print(
        f"{n_shards} shards of at most {size} networks, {n_workers} workers of about "
        f"{GB_PER_WORKER} GB memory each"
    )
    print(
        f"{bytes_needed(experiment, missing) / 1e6:.0f} MB on disk, about {hours:.2f} hours on "
        "machines like this one"
    )


if __name__ == "__main__":
    try:
        main()
    except (ValueError, OSError, RuntimeError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("Stopped; the next run goes on from here.")
