"""What is in an ensemble's folder: networks that are done, running, missing, failed or damaged, and
the time that is left.
"""

from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout

from taskrnn import checks
from taskrnn.ensembles import storage
from taskrnn.ensembles.ensemble import records
from taskrnn.ensembles.network_files import folder, identity, lock, network_path
from taskrnn.experiments import Experiment


@dataclass(frozen=True, kw_only=True)
class Status:
    """Numbers of networks, and the seconds that are left at the present rate (None while nothing
    runs).
    """

    done: list[int]
    failed: list[int]
    running: list[int]
    missing: list[int]
    damaged: list[int]
    set_aside: list[str]
    seconds_left: float | None

    def __str__(self) -> str:
        lines = [
            f"{name:8} {len(of):5}  {shortened(of)}"
            for name, of in vars(self).items()
            if isinstance(of, list)
        ]
        if self.seconds_left is not None:
            lines.append(f"time left, at the present rate: {self.seconds_left / 60:.1f} min")
        return "\n".join(line.rstrip() for line in lines)


def status(experiment: Experiment, n: int, *, data: str | Path) -> Status:
    """The state of the first n networks; nothing is changed.

    `done` includes the networks that `failed`, whose loss is not finite or ended above its start.
    """
    where, n = folder(experiment, data), checks.whole("n", n)
    done, failed, damaged, absent = [], [], [], []
    for k in range(n):
        try:
            dataset = storage.read(network_path(where, k), **identity(experiment, k))
        except (FileNotFoundError, NotADirectoryError):
            absent.append(k)
        except storage.DamagedFile:
            damaged.append(k)
        else:
            done.append(k)
            failed += [k] if dataset.failed >= 0 else []
    running = [k for k in absent if is_locked(where, k)]
    missing = [k for k in absent if k not in running]
    updates, rate, made = experiment.training.updates, 0.0, 0
    for record in records(where):
        own = [k for k in record["networks"] if k in running]
        rate += record["updates_per_second"] * len(own)
        made += record["update"] * len(own)
    left = ((len(absent) + len(damaged)) * updates - made) / rate if rate else None
    aside = sorted(path.name for path in where.glob("*.damaged*"))
    return Status(
        done=done,
        failed=failed,
        running=running,
        missing=missing,
        damaged=damaged,
        set_aside=aside,
        seconds_left=left,
    )


def is_locked(where: Path, number: int) -> bool:
    """Whether a living process trains the network."""
    held = lock(where, number)
    if not Path(held.lock_file).exists():
        return False
    try:
        with held.acquire(timeout=0):
            return False
    except Timeout:
        return True


def shortened(items: list) -> str:
    """The first few of a list."""
    return ", ".join(map(str, items[:10])) + (", ..." if len(items) > 10 else "")
