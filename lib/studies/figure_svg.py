"""A figure as a drawing that can be scaled and edited (SVG)."""

import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

MANY = 1000  # points of one mark, from which on it is an image within the drawing
RC = {"svg.hashsalt": "book", "svg.fonttype": "none"}  # the same text each time, and letters


def as_svg(figure: object) -> str:
    """A figure of matplotlib as SVG; '' of anything else."""
    if not isinstance(figure, Figure):
        return ""
    for artist in figure.findobj(Line2D) + figure.findobj(Collection):
        artist.set_rasterized(n_points(artist) > MANY)
    text = io.StringIO()
    with plt.rc_context(RC):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def n_points(artist: Artist) -> int:
    """How many points a line or a collection has."""
    if isinstance(artist, Line2D):
        return np.size(artist.get_xdata())
    paths = sum(len(path.vertices) for path in artist.get_paths())
    return max(paths, len(artist.get_offsets()))
