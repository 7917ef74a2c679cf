"""What a chapter works with: measures by task with the axis `when`, verdicts on disk, and what figures were made of."""

import numpy as np
import pytest
import xarray as xr

from studies import ledger, provenance
from studies.study import Study, benchmark
from taskrnn.analysis.statistics import SUPPORTED
from taskrnn.missing import Unmeasurable
from taskrnn.variables import WHEN


def seen(experiment, network, *, when, power=1):
    """The norm of the weights; of network 1 of decision there is none before training."""
    if experiment.name == "decision" and network.seed.item() == 1_000_001 and when == "before":
        raise Unmeasurable("it is shy")
    norm = np.linalg.norm(network[f"recurrent_{when}"].values) ** power
    return xr.Dataset({"norm": norm, "each": ("unit", np.arange(3.0))}, attrs={"reason": ""})


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study("smoke", tmp_path_factory.mktemp("data"))


def test_a_measure_has_the_axis_when_after_that_of_the_networks(study):
    found = study.measure(seen, when=WHEN, power=2)
    assert list(found) == ["perception", "decision"]
    for task, of_task in found.items():
        assert of_task.norm.dims == ("network", "when") and of_task.each.dims == (
            "network",
            "when",
            "unit",
        )
        for when in WHEN:
            norms = (
                np.linalg.norm(study.networks[task][f"recurrent_{when}"].values, axis=(1, 2)) ** 2
            )
            measured = of_task.norm.sel(when=when).values
            known = np.isfinite(measured)
            np.testing.assert_allclose(measured[known], norms[known], rtol=1e-5)
    assert found["decision"].reason.values.tolist() == [["", ""], ["it is shy", ""]]
    assert np.isnan(found["decision"].norm.values).sum() == 1


def test_one_task_and_one_time_can_be_asked_for(study):
    found = study.measure(seen, tasks=("perception",), when=("after",))
    assert list(found) == ["perception"] and found["perception"].norm.shape == (2, 1)


def test_a_verdict_is_recorded_and_its_rows_can_be_asked_for(study):
    def claim(values):
        row = ledger.statistic("x (deg)", values, holds=values > 0)
        return ledger.Result(claim="R1", statistics=(row,), null_name="", parts={"all": SUPPORTED})

    result = study.judge(claim, np.array([1.0, 2.0]))
    assert ledger.recorded(data=study.data, profile="smoke") == {"R1": result}
    assert f"{result['x (deg)']:+.2f}" == "+1.50" and result["x (deg)"].low == 1
    with pytest.raises(KeyError):
        result["y"]


def test_by_task_judges_each_task_by_itself():
    def one(values, limit):
        return [
            ledger.statistic("x", values, holds=values > limit)
        ], "supported" if values.mean() > limit else "undecided"

    values = {"perception": np.array([1.0, 2.0]), "decision": np.array([3.0, 5.0])}
    result = ledger.by_task("S6", one, values, dict.fromkeys(values, 2), null_name="none")
    assert result.parts == {"perception": "undecided", "decision": "supported"}
    assert [row.name for row in result.statistics] == ["perception: x", "decision: x"]
    assert result["decision: x"].mean == 4 and result.statistics[1].holds == 2


def test_the_line_under_a_figure_names_what_was_opened(study, monkeypatch):
    monkeypatch.setattr(provenance, "SOURCES", {})
    assert provenance.line(None) == "Made by the code of its cell."
    provenance.made_from(provenance.of_networks(study.networks, profile="smoke"))
    assert benchmark("training")["training"]["machine"] and benchmark("nothing") == {"nothing": {}}
    line = provenance.line(seen)
    for part in (
        "Made by test_study.seen; ",
        "profile smoke; perception: 2 networks, seeds 0 to 1",
        "benchmarks/results.json, measured 20",
    ):
        assert part in line
    assert line.endswith(".") and line.count("profile smoke") == 1
