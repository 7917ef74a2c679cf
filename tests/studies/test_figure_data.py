"""The table of a figure's numbers is what was drawn."""

import csv
import io
import xml.etree.ElementTree as ET

import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure

from studies.figure_data import HEADER, as_csv
from studies.figure_svg import MANY, as_svg


def rows(figure):
    """By panel, kind and series: the points."""
    header, *lines = csv.reader(io.StringIO(as_csv(figure)))
    assert tuple(header) == HEADER
    found = {}
    for panel, kind, series, *point in lines:
        found.setdefault((panel, kind, series), []).append([float(v or "nan") for v in point])
    return {key: np.array(points) for key, points in found.items()}


def test_every_kind_of_mark_has_its_numbers():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.set_title("rates", loc="left")
    left.plot([1, 2, 3], [4, np.nan, 6], label="after")
    left.scatter([0.5, 1.5], [2, 3], c=[7, 8], label="points")
    left.scatter([0.5, 1.5], [2, 3], color="k", label="plain")
    left.bar([10, 20], [1, 2], width=2)
    left.hlines([5], 0, 1, label="level")
    right.pcolormesh([0, 1, 2], [0, 2], [[3, 4]])
    right.imshow([[1, 2], [3, 4]])
    right.fill_between([0, 1], [0, 0], [1, 2], label="band")
    found = rows(figure)
    np.testing.assert_array_equal(
        found["rates", "line", "after"], [[1, 4, np.nan], [2, np.nan, np.nan], [3, 6, np.nan]]
    )
    np.testing.assert_array_equal(found["rates", "dots", "points"], [[0.5, 2, 7], [1.5, 3, 8]])
    np.testing.assert_array_equal(found["rates", "dots", "plain"][:, :2], [[0.5, 2], [1.5, 3]])
    np.testing.assert_array_equal(found["rates", "bar", ""][:, :2], [[10, 1], [20, 2]])
    np.testing.assert_array_equal(found["rates", "line", "level"][:, :2], [[0, 5], [1, 5]])
    np.testing.assert_array_equal(found["panel 2", "map", ""], [[0.5, 1, 3], [1.5, 1, 4]])
    np.testing.assert_array_equal(
        found["panel 2", "image", ""], [[0, 0, 1], [1, 0, 2], [0, 1, 3], [1, 1, 4]]
    )
    band = found["panel 2", "outline", "band"][:, :2].tolist()
    assert [1, 2] in band and [0, 1] in band


def test_three_dimensions_of_both_libraries():
    points = np.arange(12.0).reshape(3, 4)
    figure = Figure()
    axes = figure.add_subplot(projection="3d")
    axes.plot(*points, label="path")
    axes.scatter(*points, label="dots")
    found = rows(figure)
    np.testing.assert_allclose(found["panel 1", "line", "path"], points.T)
    np.testing.assert_allclose(found["panel 1", "dots", "dots"], points.T)
    drawn = go.Figure([go.Scatter3d(x=points[0], y=points[1], z=points[2], name="cube")])
    np.testing.assert_allclose(rows(drawn)["", "scatter3d", "cube"], points.T)


def test_what_is_no_figure_has_no_table():
    assert as_csv(None) == as_csv("text") == as_csv(3) == ""


def test_a_drawing_has_letters_and_lines_and_many_points_as_an_image():
    def drawn(n):
        figure = Figure()
        axis = figure.subplots()
        axis.set_title("rates")
        axis.plot([1, 2, 3], [4, 5, 6])
        axis.scatter(np.arange(n), np.arange(n))
        return as_svg(figure)

    few, many, more = drawn(10), drawn(MANY + 1), drawn(20 * MANY)
    assert drawn(10) == few  # no date, no new names
    tags = [element.tag.rpartition("}")[2] for element in ET.fromstring(few).iter()]
    assert "image" not in tags and "rates" in few
    assert "image" in [element.tag.rpartition("}")[2] for element in ET.fromstring(many).iter()]
    assert len(more) < 2 * len(many)
    assert as_svg({"text/plain": "a figure that turns"}) == ""
