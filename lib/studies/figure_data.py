"""The numbers that a figure shows, as a table for who wants to draw or to test them.

One row for each point: the panel, the kind of mark, the name of the series in the legend, and its
coordinates; `z` is a third coordinate or the value that a colour stands for.
"""

import csv
import io
from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

HEADER = ("panel", "kind", "series", "x", "y", "z")

Series = tuple[str, str, np.ndarray]  # kind, name, (point, coordinate)


def as_csv(figure: object) -> str:
    """The table of a figure of matplotlib or plotly; '' of anything else.

    Numbers have six digits. A cell is empty where there is no number.
    """
    if isinstance(figure, Figure):
        found = (
            (axes.get_title(loc="left") or axes.get_title() or f"panel {i}", *series)
            for i, axes in enumerate(figure.axes, 1)
            for series in of_axes(axes)
        )
    elif hasattr(figure, "data") and hasattr(figure, "layout"):
        found = (("", *series) for trace in figure.data for series in of_trace(trace))
    else:
        return ""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEADER)
    for panel, kind, name, points in found:
        for point in points:
            cells = [f"{value:.6g}" if np.isfinite(value) else "" for value in point]
            table.writerow([panel, kind, name, *cells, *[""] * (3 - len(cells))])
    return text.getvalue()


def of_axes(axes: Axes) -> Iterator[Series]:
    """What a panel shows, without its text and its axes."""
    for line in axes.lines:
        points = line.get_data_3d() if hasattr(line, "get_data_3d") else line.get_data(orig=False)
        yield "line", named(line), columns(*points)
    for collection in axes.collections:
        yield from of_collection(collection)
    for patch in axes.patches:
        yield of_patch(patch)
    for image in axes.images:
        yield "image", named(image), grid(np.asarray(image.get_array()))


def of_collection(collection: Collection) -> Iterator[Series]:
    """Dots, many lines at once, bands, and maps of colours."""
    name = named(collection)
    if hasattr(collection, "_offsets3d"):  # the three coordinates of dots have no public name
        yield "dots", name, columns(*collection._offsets3d)
    elif isinstance(collection, PathCollection):
        places = np.ma.filled(np.ma.asarray(collection.get_offsets(), float), np.nan)
        colours = collection.get_array()
        with_value = colours is not None and len(colours) == len(places)
        yield "dots", name, np.column_stack([places, colours]) if with_value else places
    elif isinstance(collection, QuadMesh):
        corners, values = collection.get_coordinates(), np.ma.asarray(collection.get_array(), float)
        values = np.ma.filled(values, np.nan).reshape(values.shape[-2:])
        middle = corners
        if corners.shape[:2] != values.shape:
            middle = (corners[1:, 1:] + corners[:-1, 1:] + corners[1:, :-1] + corners[:-1, :-1]) / 4
        yield "map", name, np.column_stack([middle.reshape(-1, 2), values.ravel()])
    else:
        kind = "line" if isinstance(collection, LineCollection) else "outline"
        for path in collection.get_paths():
            yield kind, name, path.vertices


def of_patch(patch: Patch) -> Series:
    """A bar as its middle and its height, any other shape as its outline."""
    if isinstance(patch, Rectangle):
        middle = patch.get_x() + patch.get_width() / 2
        return "bar", named(patch), np.array([[middle, patch.get_y() + patch.get_height()]])
    return "outline", named(patch), patch.get_patch_transform().transform(patch.get_path().vertices)


def of_trace(trace) -> Iterator[Series]:
    """What one trace of plotly shows."""
    axes = [getattr(trace, axis, None) for axis in "xyz"]
    there = [np.asarray(values, float) for values in axes if values is not None]
    if there and len({values.shape for values in there}) == 1:
        yield trace.type, trace.name or "", columns(*there)


def named(artist) -> str:
    """Its name in the legend; '' if it has none."""
    label = str(artist.get_label())
    return "" if label.startswith("_") else label


def columns(*values) -> np.ndarray:
    """Coordinates (point,) side by side, gaps as NaN: (point, coordinate)."""
    return np.column_stack([np.ma.filled(np.ma.asarray(v, float), np.nan).ravel() for v in values])


def grid(values: np.ndarray) -> np.ndarray:
    """Column, row and value of every cell of an image (row, column) of one colour."""
    if values.ndim != 2:
        return np.empty((0, 3))
    row, column = np.indices(values.shape)
    return np.column_stack([column.ravel(), row.ravel(), values.ravel().astype(float)])
