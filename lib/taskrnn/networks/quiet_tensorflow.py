"""TensorFlow on the CPU, loaded without the messages that it prints whatever it is told (tensorflow
issue 100442).

Results are defined on the CPU: there a network's training is exact to the bit.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Send what libraries write to the process's standard error nowhere; exceptions are not
    affected.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


with silent_stderr():
    import tensorflow as tf

    tf.config.set_visible_devices([], "GPU")
    # Many networks of many sizes in one process make many graphs, which it calls a mistake.
    tf.get_logger().setLevel("ERROR")

__all__ = ["tf"]
