"""What training does to one network: a figure with a slider over updates, and three moments as an
image.
"""

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from matplotlib.figure import Figure
from plotly.subplots import make_subplots

from studies.interactive import Interactive, interactive
from studies.style import TASKS, UNTRAINED, panels

TITLES = ("loss", "mean weight", "output", "eigenvalues", "singular values", "states")
AXES = (
    ("update", ""),
    ("update", ""),
    ("time (s)", ""),
    ("real part", "imaginary part"),
    ("rank", ""),
    ("component 1", "component 2"),
)
PATHS = 2, 5  # panels with lines
MIDDLE = "#E69F00"


def moving(network: xr.Dataset, found: xr.Dataset, *, task: str) -> Interactive:
    """The six panels for every moment, with a slider and a button that plays them.

    Parameters
    ----------
    network : Dataset of one network of an ensemble, whose curves are shown
    found : `studies.training.during.during` of it, without the network axis
    task : str, which gives the colour
    """
    figure = make_subplots(2, 3, subplot_titles=TITLES, vertical_spacing=0.22)
    for panel, (x, y) in enumerate(still_curves(network, found)):
        grey = {"color": UNTRAINED, "width": 1.5}
        figure.add_trace(go.Scatter(x=x, y=y, mode="lines", line=grey), **at(panel))
    for panel, (x, y) in enumerate(at_moment(network, found, 0)):
        look = {"color": TASKS[task], "size": 9 if panel < 2 else 4}
        line = {"color": TASKS[task], "width": 2.5}
        mode = "lines" if panel in PATHS else "markers"
        figure.add_trace(go.Scatter(x=x, y=y, mode=mode, marker=look, line=line), **at(panel))
    figure.frames = [
        go.Frame(
            name=str(update),
            traces=list(range(len(TITLES), 2 * len(TITLES))),  # those that were added last
            data=[go.Scatter(x=x, y=y) for x, y in at_moment(network, found, k)],
        )
        for k, update in enumerate(found["update"].values)
    ]
    name_axes(figure, network, found)
    figure.update_layout(
        template="none",
        height=660,
        showlegend=False,
        margin={"l": 50, "r": 10, "t": 60, "b": 40},
        sliders=[slider([frame.name for frame in figure.frames])],
        updatemenus=[player()],
    )
    return interactive(figure, three_moments(network, found, task=task))


def name_axes(figure: go.Figure, network: xr.Dataset, found: xr.Dataset) -> None:
    """Name the axes, with limits that hold what is shown at every moment."""
    for panel, (below, beside) in enumerate(AXES):
        figure.update_xaxes(
            title_text=below, range=limits(network, found, panel, axis=0), **at(panel)
        )
        heights = limits(network, found, panel, axis=1)
        figure.update_yaxes(title_text=beside, range=heights, **at(panel))
    heights = [float(x) for x in np.log10(limits(network, found, 0, axis=1))]
    figure.update_yaxes(type="log", range=heights, **at(0))


def at(panel: int) -> dict[str, int]:
    """Where a panel is."""
    return {"row": panel // 3 + 1, "col": panel % 3 + 1}


def still_curves(network: xr.Dataset, found: xr.Dataset) -> list[tuple[np.ndarray, np.ndarray]]:
    """What does not move in each panel: the curves of training, and the target."""
    nothing = (np.array([]), np.array([]))
    own = network.isel(network=0)
    updates = np.arange(own.sizes["update"])
    target = (found.time.values, found.target.values)
    curves = [(updates, own.loss.values), (updates, own.mean_weight.values), target]
    return [(single(x), single(y)) for x, y in (*curves, nothing, nothing, nothing)]


def at_moment(
    network: xr.Dataset, found: xr.Dataset, k: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """What each panel shows at the k-th moment, as x and y."""
    own, now = network.isel(network=0), found.isel(update=k)
    update = int(now["update"])
    loss, mean = (own[name].values[update : update + 1] for name in ("loss", "mean_weight"))
    ranks = np.arange(1, 1 + found.sizes["rank"])
    curves = (
        (np.array([update]), loss),
        (np.array([update]), mean),
        (found.time.values, now.output.values),
        now.eigenvalues.values.T,
        (ranks, now.singular_values.values),
        now.states.values.T,
    )
    return [(single(x), single(y)) for x, y in curves]


def single(values: np.ndarray) -> np.ndarray:
    """As few digits as a picture has."""
    return np.asarray(values, dtype=np.float32)


def limits(network: xr.Dataset, found: xr.Dataset, panel: int, *, axis: int) -> list[float]:
    """Of an axis of a panel, that hold it at all moments."""
    moments = range(found.sizes["update"])
    values = [at_moment(network, found, k)[panel][axis] for k in moments]
    values = np.concatenate([*values, still_curves(network, found)[panel][axis]])
    values = values[np.isfinite(values)] if np.isfinite(values).any() else np.ones(1)
    if panel == 0 and axis == 1:  # on a logarithmic scale
        return [values.min() / 1.3, values.max() * 1.3]
    margin = 0.06 * max(np.ptp(values), 1e-6)
    return [float(values.min() - margin), float(values.max() + margin)]


def slider(names: list[str]) -> dict:
    """The slider over the moments."""
    still = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}}
    steps = [
        {
            "label": name,
            "method": "animate",
            "args": [[name], still | {"transition": {"duration": 0}}],
        }
        for name in names
    ]
    return {"steps": steps, "currentvalue": {"prefix": "update "}, "len": 1, "y": -0.25}


def player() -> dict:
    """The buttons that play all moments, and stop."""
    play = {"frame": {"duration": 500, "redraw": False}, "transition": {"duration": 0}}
    stop = {"frame": {"duration": 0, "redraw": False}, "mode": "immediate"}
    buttons = [
        {"label": "play", "method": "animate", "args": [None, play | {"fromcurrent": True}]},
        {"label": "stop", "method": "animate", "args": [[None], stop]},
    ]
    place = {"x": 0, "y": -0.14, "xanchor": "left", "yanchor": "top", "direction": "left"}
    return {"type": "buttons", "buttons": buttons, **place}


def three_moments(network: xr.Dataset, found: xr.Dataset, *, task: str) -> Figure:
    """The same panels before training, in its middle, and after it."""
    n = found.sizes["update"]
    looks = {0: UNTRAINED, n // 2: MIDDLE, n - 1: TASKS[task]}
    with panels(2, 3, size=(9, 5.2)) as (figure, axes):
        flat = [axis for row in axes for axis in row]
        for axis, (x, y) in zip(flat, still_curves(network, found), strict=True):
            axis.plot(x, y, color="0.75", linewidth=1)
        for k, colour in looks.items():
            for panel, (x, y) in enumerate(at_moment(network, found, k)):
                style = {"linewidth": 1.2} if panel in PATHS else {"marker": ".", "linestyle": ""}
                label = f"update {found['update'].values[k]}"
                flat[panel].plot(x, y, color=colour, label=label, **style)
        for axis, title, (below, beside) in zip(flat, TITLES, AXES, strict=True):
            axis.set(title=title, xlabel=below, ylabel=beside)
        flat[0].set_yscale("log")
        flat[4].legend(fontsize=8)
    return figure
