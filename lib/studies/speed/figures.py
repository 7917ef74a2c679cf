"""Figures of the chapter on speed."""

from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter

from studies.style import TASKS, UNTRAINED, panels

COLOURS = {"ours": TASKS["decision"], "batched": TASKS["perception"], "single-network": UNTRAINED}


def ways(sizes: list[dict]) -> Figure:
    """Time of one update of ten networks in every way, in units of this library's; a panel for each
    size.
    """
    with panels(1, len(sizes), size=(10, 3.9), sharey=True) as (figure, axes):
        for axis, size in zip(axes[0], sizes, strict=True):
            rows = size["rows"][::-1]
            for y, row in enumerate(rows):
                ratio = row["ratio"]
                axis.plot(
                    [ratio["min"], ratio["max"]], [y, y], color=COLOURS[row["kind"]], linewidth=1
                )
                axis.plot(ratio["median"], y, "o", color=COLOURS[row["kind"]], markersize=5)
            axis.axvline(1, color="0.8", zorder=0)
            axis.set(title=size["name"], xscale="log", xlabel="time, of this library's")
            largest = max(row["ratio"]["max"] for row in rows)
            axis.set_xticks([tick for tick in (1, 2, 5, 10, 20, 50) if tick <= largest])
            axis.xaxis.set_major_formatter(ScalarFormatter())
            axis.xaxis.set_minor_formatter(NullFormatter())
            axis.set_yticks(
                range(len(rows)),
                [f"{r['way']}, {r['processes']} x {r['threads']}" for r in rows],
                fontsize=8,
            )
        for kind, colour in COLOURS.items():
            axes[0][-1].plot(
                [], [], "o", color=colour, label={"ours": "this library"}.get(kind, kind)
            )
        figure.legend(
            *axes[0][-1].get_legend_handles_labels(),
            loc="outside lower center",
            ncols=3,
            fontsize=9,
        )
    return figure


def growth(curves: dict[str, list[dict]]) -> Figure:
    """Time of an update and memory of one process against what grows, {its name: points}."""
    with panels(2, len(curves), size=(10, 4.6), sharex="col", sharey="row") as (figure, axes):
        for column, (name, points) in enumerate(curves.items()):
            x = [point["x"] for point in points]
            for axis, key in zip(
                (axes[0][column], axes[1][column]), ("ms_per_update", "peak_mb"), strict=True
            ):
                axis.plot(
                    x, [point[key] for point in points], "o-", color=TASKS["decision"], markersize=4
                )
                axis.set(xscale="log")
            times = [points[0]["ms_per_update"] * value / x[0] for value in x]
            axes[0][column].plot(x, times, "--", color="0.6", label="in proportion to the first")
            axes[0][column].set(yscale="log")
            axes[1][column].set(ylim=(0, None), xlabel=name)
            axes[1][column].set_xticks(x, [f"{value}" for value in x], fontsize=8)
            axes[1][column].minorticks_off()
        axes[0][0].set_ylabel("one update (ms)")
        axes[1][0].set_ylabel("largest memory\nof a process (MB)")
        axes[0][0].legend(fontsize=8)
    return figure
