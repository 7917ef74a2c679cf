"""The machine, the versions and the date of a run."""

import os
import platform
from datetime import UTC, datetime
from importlib import util
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import loky

from studies.provenance import commit
from taskrnn.ensembles.network_files import package_version
from taskrnn.ensembles.workers import WORKER_ENVIRONMENT

MODULES = {"DynamicalComponentsAnalysis": "dca"}
PACKAGES = (
    "tensorflow",
    "keras",
    "torch",
    "psychrnn",
    "numpy",
    "scipy",
    "DynamicalComponentsAnalysis",
)


def require_packages() -> None:
    """Stop if a package that is compared is not installed."""
    try:
        for package in PACKAGES:
            package_version(package)
    except PackageNotFoundError as error:
        raise SystemExit(
            f"The benchmark needs {error.name}, which is not installed; run `make bench`."
        ) from None


def describe() -> dict:
    """What ran where and when, as plain values."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": cpu(),
        "cores": loky.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "os": platform.platform(),
        "python": platform.python_version(),
        "taskrnn": commit(),
        **{
            package: package_version(package)
            for package in PACKAGES
            if util.find_spec(MODULES.get(package, package))
        },
        "threads_set_by": [name for name in WORKER_ENVIRONMENT if name.endswith("_THREADS")],
    }


def cpu() -> str:
    """Name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
