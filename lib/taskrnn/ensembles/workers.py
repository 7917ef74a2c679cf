"""Where shards are trained: in this process, in processes of this machine, or by the workers of a
Dask scheduler, also on Slurm.

All are executors of `concurrent.futures`. Every worker has one thread: shards side by side use the
cores better than threads inside one, and a result then depends on nothing but itself. Dask is an
optional extra: pip install -e ".[cluster]".

Who reaches a Dask scheduler can run code as its user. On Slurm it therefore speaks TLS, and only
with who holds the key that was made for the run.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path

import loky

MEMORY = "2GB"  # of a worker; TensorFlow alone needs 0.7 GB
PLACES = ("processes", "here", "slurm")
# Large arrays come and go in every update. glibc would return their memory to the system each time
# and have it cleared anew, which costs a fifth of the time of training.
WORKER_ENVIRONMENT = {
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "4000000000",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    # TensorFlow's own default hangs on the processor; who sets the variable means it.
    "TF_ENABLE_ONEDNN_OPTS": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1"),
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


@contextmanager
def workers(executor: Executor | None = None) -> Iterator[Executor]:
    """The executor, or one process per core. These stay for the next call, because loading
    TensorFlow takes seconds; an error ends them.
    """
    if executor is not None:
        yield executor
        return
    pool = loky.get_reusable_executor(
        max_workers=loky.cpu_count(), env=WORKER_ENVIRONMENT, timeout=60
    )
    try:
        yield pool
    except BaseException:
        pool.shutdown(kill_workers=True)
        raise


class Here(Executor):
    """Runs what is submitted at once, in this process."""

    def submit(self, function, /, *arguments, **keywords) -> Future:
        future: Future = Future()
        try:
            future.set_result(function(*arguments, **keywords))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def executor(place: str = "processes", *, jobs: int = 2, **slurm: str) -> Iterator[Executor | None]:
    """An executor for `taskrnn.ensembles.ensemble.ensemble`, which takes None for its own
    processes.

    Parameters
    ----------
    place : str
        "processes": one for each core of this machine. "here": this process. "slurm": jobs of one
        worker each. Anything else is the address of a running Dask scheduler, such as
        "tcp://10.0.0.1:8786"; its workers run what anybody who reaches that address sends them.
    jobs : int
        Slurm jobs; one that ends before its work is done is replaced.
    **slurm
        Of `dask_jobqueue.SLURMCluster`, for example queue="main", walltime="02:00:00",
        interface="ib0". The keys of the run lie in a folder of their own, which only this user can
        read, below `shared_temp_directory` (the working directory if not given), and go with it.

    Raises
    ------
    ValueError
        No such place, or jobs < 1.
    RuntimeError
        Dask is not installed, the scheduler does not answer, or its workers cannot import this
        library.
    """
    if place == "processes":
        yield None
    elif place == "here":
        require_one_thread()
        yield Here()
    elif place == "slurm" or "://" in place:
        with dask_client(place, jobs, slurm) as client:
            yield client.get_executor(pure=False)
    else:
        raise ValueError(
            f"There is no place {place!r}; choose one of {', '.join(PLACES)} or a scheduler's "
            "address (tcp://...)."
        )


def require_one_thread() -> None:
    """Give this process the settings of a worker; RuntimeError if TensorFlow runs already with
    others.
    """
    if "tensorflow" in sys.modules and os.environ.get("TF_NUM_INTRAOP_THREADS") != "1":
        raise RuntimeError(
            "TensorFlow is loaded with several threads, whose results differ in the last bits; use "
            "processes."
        )
    os.environ.update(WORKER_ENVIRONMENT)


@contextmanager
def dask_client(place: str, jobs: int, slurm: dict[str, str]):
    """A client whose workers have the library and one thread each."""
    try:
        import dask
        from dask.distributed import Client
    except ImportError:
        raise RuntimeError('Dask is not installed; pip install -e ".[cluster]" adds it.') from None
    # Else `adapt` waits longer than short jobs live before it replaces one.
    dask.config.set({"distributed.deploy.lost-worker-timeout": "2s"})
    if place == "slurm":
        with slurm_cluster(jobs, slurm) as cluster, Client(cluster) as client:
            prepare(client)
            yield client
    else:
        try:
            client = Client(place, timeout=10)
        except OSError as error:
            raise RuntimeError(
                f"No scheduler answers at {place} ({error}); start one or correct the address."
            ) from None
        with client:
            prepare(client)
            yield client


@contextmanager
def slurm_cluster(jobs: int, options: dict[str, str]):
    """Jobs of one single-threaded worker each, as many as asked for, whatever happens to them. All
    connections are encrypted, and a certificate made for this run opens them.
    """
    from dask_jobqueue import SLURMCluster

    if jobs < 1:
        raise ValueError(f"{jobs} jobs cannot train anything; ask for at least one.")
    exports = [f"export {name}={value}" for name, value in WORKER_ENVIRONMENT.items()]
    chosen: dict = {
        "memory": MEMORY,
        "walltime": "01:00:00",
        "job_script_prologue": exports,
        # Not for everybody: the dashboard asks for no certificate.
        "scheduler_options": {"dashboard_address": "127.0.0.1:0"},
    } | options
    shared = Path(chosen.pop("shared_temp_directory", ".")).expanduser().absolute()
    with tempfile.TemporaryDirectory(dir=shared, prefix=".keys-") as folder:
        try:
            cluster = SLURMCluster(cores=1, processes=1, security=keys_in(Path(folder)), **chosen)
        except ValueError as error:
            raise ValueError(f"Slurm jobs cannot be made with these settings: {error}") from None
        with cluster:
            cluster.adapt(minimum_jobs=jobs, maximum_jobs=jobs)
            yield cluster


def keys_in(folder: Path):
    """A certificate and its key for one run, made anew, in files that the jobs read; for all three
    of scheduler, workers and client.
    """
    from distributed.security import Security

    made = Security.temporary()
    files = {"cert": folder / "certificate.pem", "key": folder / "key.pem"}
    for part, path in files.items():
        path.write_text(getattr(made, f"tls_client_{part}"))
    roles = ("scheduler", "worker", "client")
    own = {f"tls_{role}_{part}": str(path) for role in roles for part, path in files.items()}
    return Security(require_encryption=True, tls_ca_file=str(files["cert"]), **own)


def prepare(client) -> None:
    """Wait for a worker; see that it can import the library, which it would otherwise fail to
    without a word.
    """
    client.wait_for_workers(1)
    # By a function of Python itself: one of this library could not be told to a worker that does
    # not have it.
    question = "__import__('importlib.util').util.find_spec('taskrnn') is not None"
    without = [address for address, has in client.run(eval, question).items() if not has]
    if without:
        raise RuntimeError(
            f"The worker at {without[0]} cannot import taskrnn; install this library in its "
            "environment."
        )

    from dask.distributed import WorkerPlugin

    class Settings(WorkerPlugin):
        """For the workers that are there and for those that come."""

        def setup(self, worker) -> None:
            import dask

            if "tensorflow" not in sys.modules:
                os.environ.update(WORKER_ENVIRONMENT)
            # Else xarray asks the scheduler for a lock on every file that it writes.
            dask.config.set(scheduler="synchronous")

    client.register_plugin(Settings())
