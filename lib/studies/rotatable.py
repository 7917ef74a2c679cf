"""Figures in 3-D that turn, with menus of networks and of views, and as an image for print."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator
from plotly.subplots import make_subplots

from studies.interactive import Interactive, interactive
from studies.style import panels

EYE = np.array([1.35, -1.35, 0.75])  # where both forms are seen from
SIZE = 1.9  # of a box in its scene, by its diagonal
# each network adds 60 to 90 kB to the page, so a thousand would be more than a browser loads
IN_MENU = 20


class Curve(NamedTuple):
    """A curve in one panel: points (k, 3), NaN between pieces, and values (k, channel) to show
    under the pointer.
    """

    panel: int
    name: str
    colour: str
    points: np.ndarray
    values: np.ndarray
    mode: str = "lines"
    width: float = 3.0


def rotatable(
    curves_of: Callable[[int], list[Curve]],
    n_networks: int,
    *,
    titles: list[str],
    columns: int,
    hover: str,
    axes: tuple[str, str, str],
) -> Interactive:
    """Curves in 3-D as plotly JSON, with a menu of networks and one that makes a view large, and as
    an image of the first network with numbers in the same views.

    Parameters
    ----------
    curves_of : the curves of network k
    n_networks : int, of which the first `IN_MENU` are in the menu
    titles : of the panels, filled row by row
    hover : text under the pointer, with %{customdata[0]} for the first channel
    axes : what the axes show

    Returns
    -------
    Interactive
    """
    every = {k: curves_of(k) for k in range(min(n_networks, IN_MENU))}
    # One without numbers has nothing to show; a browser would look for its box for ever.
    networks = {k: curves for k, curves in every.items() if any(map(is_seen, curves))} or every
    first = next(iter(networks))
    rows = -(-len(titles) // columns)
    figure = make_subplots(
        rows,
        columns,
        specs=[[{"type": "scene"}] * columns] * rows,
        subplot_titles=titles,
        vertical_spacing=0.05,
    )
    owner = []
    for k, curves in networks.items():
        for curve in curves:
            place = {"row": curve.panel // columns + 1, "col": curve.panel % columns + 1}
            figure.add_trace(trace(curve, hover=hover, visible=k == first), **place)
            owner.append(k)
    boxes = {k: boxes_of(curves, len(titles)) for k, curves in networks.items()}
    eye = dict(zip("xyz", EYE.tolist(), strict=True))
    camera = {"eye": eye, "projection": {"type": "orthographic"}}
    sides = {
        f"{letter}axis": {"title": {"text": text}, "nticks": 5}
        for letter, text in zip("xyz", axes, strict=True)
    }
    figure.update_scenes(aspectmode="manual", camera=camera, **sides)
    buttons = [choose_network(k, owner, boxes[k], n_networks) for k in networks], views(figure)
    figure.update_layout(
        template="none",
        height=(400 if columns > 1 else 560) * rows,
        margin={"l": 0, "r": 0, "t": 90, "b": 0},
        legend={"orientation": "h", "y": -0.02},
        updatemenus=[
            {"buttons": of_menu, "x": x, "xanchor": "left", "y": 1 + 0.22 / rows, "yanchor": "top"}
            for of_menu, x in zip(buttons, (0, 0.25), strict=True)
            if of_menu
        ],
    )
    figure.update_layout({name.replace(".", "_"): ratio for name, ratio in boxes[first].items()})
    return interactive(figure, still_view(networks[first], titles, columns, axes))


def choose_network(k: int, owner: list[int], box: dict[str, object], n_networks: int) -> dict:
    """The button of a menu that shows network k; `owner` is the network of each trace."""
    left_out = f" of {n_networks}" if n_networks > IN_MENU else ""
    return {
        "label": f"network {k}{left_out}",
        "method": "update",
        "args": [{"visible": [o == k for o in owner]}, box],
    }


def views(figure: go.Figure) -> list[dict]:
    """Buttons of a menu that show all panels beside each other, or one of them large; none for a
    figure of one panel.
    """
    scenes, titles = list(figure.select_scenes()), figure.layout.annotations
    if len(scenes) == 1:
        return []
    names = [f"scene{i or ''}" for i in (0, *range(2, len(scenes) + 1))]
    places = {
        f"{name}.domain.{axis}": list(scene.domain[axis])
        for name, scene in zip(names, scenes, strict=True)
        for axis in "xy"
    }
    where = {
        f"annotations[{i}].{axis}": title[axis] for i, title in enumerate(titles) for axis in "xy"
    }
    seen = {f"annotations[{i}].visible": True for i in range(len(titles))}
    buttons = [{"label": "all views", "method": "relayout", "args": [places | where | seen]}]
    for i, (name, title) in enumerate(zip(names, titles, strict=True)):
        # The others have a place without a pixel.
        large = {key: [0, 1] if key.startswith(f"{name}.") else [0, 1e-4] for key in places}
        large |= {key: key == f"annotations[{i}].visible" for key in seen}
        large |= {f"annotations[{i}].x": 0.5, f"annotations[{i}].y": 1.0}
        buttons.append({"label": title.text, "method": "relayout", "args": [large]})
    return buttons


def is_seen(curve: Curve) -> bool:
    """Whether any of its points has numbers."""
    return bool(np.isfinite(curve.points).all(axis=1).any())


def trace(curve: Curve, *, hover: str, visible: bool) -> go.Scatter3d:
    """A curve for plotly."""
    x, y, z = np.asarray(curve.points, dtype=np.float32).T
    return go.Scatter3d(
        x=x,
        y=y,
        z=z,
        customdata=np.asarray(curve.values, dtype=np.float32),
        hovertemplate=hover,
        mode=curve.mode,
        name=curve.name,
        legendgroup=curve.name,
        showlegend=curve.panel == 0,
        visible=visible,
        line={"color": curve.colour, "width": curve.width},
        marker={"color": curve.colour, "size": 4},
    )


def boxes_of(curves: list[Curve], n_panels: int) -> dict[str, object]:
    """The boxes of all panels of one network, under the names that plotly's layout has for them."""
    return {
        f"scene{panel + 1 if panel else ''}.{name}": value
        for panel in range(n_panels)
        for name, value in box(curves, panel).items()
    }


def box(curves: list[Curve], panel: int) -> dict[str, object]:
    """A panel's box, for plotly: one scale for all sides, a diagonal that fits from every side,
    and no numbers on short sides.
    """
    points = np.concatenate([curve.points for curve in curves if curve.panel == panel])
    points = points[np.isfinite(points).all(axis=1)]
    sides = np.ptp(points, axis=0) if len(points) else np.ones(3)
    labels = {
        f"{letter}axis.showticklabels": bool(long)
        for letter, long in zip("xyz", has_numbers(sides), strict=True)
    }
    return {
        "aspectratio": dict(
            zip("xyz", (SIZE * sides / np.linalg.norm(sides)).tolist(), strict=True)
        ),
        **labels,
    }


def has_numbers(sides: np.ndarray) -> np.ndarray:
    """The sides long enough for numbers that do not cover each other; all have one scale, so
    the others can do without.
    """
    return sides > sides.max() / 4


def still_view(
    curves: list[Curve], titles: list[str], columns: int, names: tuple[str, str, str]
) -> Figure:
    """The curves of one network as plotly shows them at first."""
    rows = -(-len(titles) // columns)
    size = (4.4 * columns, 4.0 * rows) if columns > 1 else (7.5, 6.5 * rows)
    with panels(
        rows, columns, size=size, subplot_kw={"projection": "3d", "proj_type": "ortho"}
    ) as (figure, axes):
        flat = [axis for row in axes for axis in row]
        for curve in curves:
            style = {"linewidth": curve.width / 3}
            if curve.mode == "markers":
                style = {"marker": "o", "linestyle": "", "markersize": 4}
            label = curve.name if curve.panel == 0 else None
            flat[curve.panel].plot(*curve.points.T, color=curve.colour, label=label, **style)
        for axis, title in zip(flat, titles, strict=True):
            axis.view_init(
                elev=np.degrees(np.arctan2(EYE[2], np.hypot(*EYE[:2]))),
                azim=np.degrees(np.arctan2(EYE[1], EYE[0])),
            )
            extents = np.ptp([axis.get_xlim(), axis.get_ylim(), axis.get_zlim()], axis=1)
            axis.set_box_aspect(extents, zoom=0.78)
            for line, long in zip(
                (axis.xaxis, axis.yaxis, axis.zaxis), has_numbers(extents), strict=True
            ):
                line.set_major_locator(MaxNLocator(4) if long else NullLocator())
                line.labelpad = 10
            axis.set(title=title, xlabel=names[0], ylabel=names[1], zlabel=names[2])
            axis.tick_params(labelsize=7, pad=0)
        figure.legend(loc="outside lower center", ncols=3)
    return figure
