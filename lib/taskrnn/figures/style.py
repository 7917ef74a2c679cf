"""The look that all figures share: colours that colour-blind readers tell apart, one line width for one network."""

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette.
TASKS = {"perception": "#0072B2", "decision": "#D55E00"}
INPUTS = ("#009E73", "#CC79A7")
TARGET = "#000000"
UNTRAINED = "#777777"
ONE_NETWORK = {"linewidth": 0.8, "alpha": 0.55}
MEAN = {"linewidth": 2.2}

RC = {
    "figure.dpi": 110,
    "savefig.dpi": 160,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


@contextmanager
def panels(rows: int, columns: int, *, size: tuple[float, float], **options) -> Iterator[tuple[Figure, list[list[Axes]]]]:
    """A figure with rows x columns axes, `size` in inches; not kept open, so that a page shows it once."""
    with plt.rc_context(RC):
        figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, **options)
        yield figure, axes
        plt.close(figure)
