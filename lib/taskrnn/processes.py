"""Worker processes with one thread each.

Shards side by side use the cores better than threads inside one, and a result then depends on nothing but itself.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

import loky

# Large arrays come and go in every update. glibc would return their memory to the system each time and have it cleared anew,
# which costs a fifth of the time of training.
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
    """The executor, or one process per core. These stay for the next call, because loading TensorFlow takes seconds; an error ends them."""
    if executor is not None:
        yield executor
        return
    pool = loky.get_reusable_executor(max_workers=loky.cpu_count(), env=WORKER_ENVIRONMENT, timeout=60)
    try:
        yield pool
    except BaseException:
        pool.shutdown(kill_workers=True)
        raise
