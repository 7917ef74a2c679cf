"""Worker processes with one thread each.

Shards side by side use the cores better than threads inside one, and a result then depends on nothing but itself.
"""

import loky

WORKER_ENVIRONMENT = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def workers(n_jobs: int) -> loky.ProcessPoolExecutor:
    """Processes for n_jobs jobs: no more than there are cores."""
    return loky.ProcessPoolExecutor(min(loky.cpu_count(), n_jobs), env=WORKER_ENVIRONMENT)
