"""What a chapter works with: measures by task with the axis `when`, verdicts on disk, and what figures were made of."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from small_experiments import small

from studies import criteria, ledger, provenance
from studies.study import Study, benchmark
from taskrnn.analysis.verdicts import SUPPORTED, UNDECIDED
from taskrnn.ensembles.results import measured
from taskrnn.experiments import Experiment
from taskrnn.missing import Unmeasurable
from taskrnn.needs import needs, unfit
from taskrnn.networks.network import Network
from taskrnn.profiles import experiment_named
from taskrnn.tasks.decision import Decision
from taskrnn.tasks.flip_flop import FlipFlop
from taskrnn.tasks.perception import Perception
from taskrnn.variables import WHEN


def seen(experiment, network, *, when, power=1):
    """The norm of the weights; of network 1 of decision there is none before training."""
    if experiment.name == "decision" and network.seed.item() == 1_000_001 and when == "before":
        raise Unmeasurable("it is shy")
    norm = np.linalg.norm(network[f"recurrent_{when}"].values) ** power
    return xr.Dataset({"norm": norm, "each": ("unit", np.arange(3.0))}, attrs={"reason": ""})


def one_number(experiment, network):
    """No Dataset."""
    return 1.0


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


def test_tasks_that_a_measure_does_not_fit_are_left_out_and_named(study, capsys):
    @needs(task=Perception)
    def of_levels(experiment, network):
        """Never taken here."""

    flip_flop = Experiment(
        name="flip-flop", task=FlipFlop(), network=study.experiments["decision"].network
    )
    assert unfit(seen, flip_flop) == unfit(of_levels, study.experiments["perception"]) == ""
    reason = "it needs a task of the kind Perception, not Decision"
    assert unfit(of_levels, study.experiments["decision"]) == reason
    either = needs(task=Decision | Perception, network=Network)(lambda: None)
    assert unfit(either, flip_flop).endswith("the kind Decision or Perception, not FlipFlop")
    assert study.measure(of_levels, tasks=("decision",)) == {}
    assert f"of_levels is not taken of decision: {reason}." in capsys.readouterr().out
    with pytest.raises(ValueError, match=f"^of_levels cannot be taken of decision: {reason}.$"):
        measured(
            of_levels, study.experiments["decision"], study.networks["decision"], data=study.data
        )


def test_claims_of_ones_own_are_known_beside_those_of_the_book(tmp_path, monkeypatch):
    monkeypatch.setattr(criteria, "CLAIMS", dict(criteria.CLAIMS))
    n = len(criteria.CLAIMS)
    row = "".join(
        f'{key} = "x"\n'
        for key in ("chapter", "figure", "sentence", "statistic", "null", "criterion")
    )
    own = tmp_path / "claims.toml"
    own.write_text(f"[claims.Y1]\n{row}")
    for _ in range(2):  # a cell may be run twice
        criteria.add_claims(own)
    assert criteria.CLAIMS["Y1"].sentence == "x" and len(criteria.CLAIMS) == n + 1
    own.write_text(f"[claims.R1]\n{row}")
    with pytest.raises(ValueError, match="There is another claim R1"):
        criteria.add_claims(own)
    own.write_text(f"[claims.Y2]\n{row.replace('null', 'nul')}")
    with pytest.raises(ValueError, match="claim Y2 is not whole .*'nul'"):
        criteria.add_claims(own)
    for text, why in (
        (f"[Y3]\n{row}", "has no claim"),
        (f"[claims.Y3\n{row}", "is no TOML file"),
        (f"[claims.Y3]\n{row.replace('x', ' ')}", "claim Y3 has nothing in chapter, figure"),
    ):
        own.write_text(text)
        with pytest.raises(ValueError, match=f"claims.toml.* ?{why}"):
            criteria.add_claims(own)


def test_a_claim_that_nobody_wrote_down_is_not_recorded(study, tmp_path):
    result = ledger.Result(claim="Y9", statistics=(), null_name="", parts={})
    with pytest.raises(ValueError, match="^There is no claim Y9: write its row in a file"):
        ledger.record(result, data=tmp_path, profile="smoke")
    assert not list(tmp_path.iterdir())


def test_a_measure_that_returns_no_dataset_is_named(study):
    with pytest.raises(TypeError, match="^one_number returned a float; a measure returns an xarr"):
        study.measure(one_number, tasks=("decision",))


def test_a_verdict_is_recorded_and_its_rows_can_be_asked_for(study):
    def claim(values):
        row = ledger.statistic("x (deg)", values, holds=values > 0)
        return ledger.Result(claim="R1", statistics=(row,), null_name="", parts={"all": SUPPORTED})

    result = study.judge(claim, np.array([1.0, 2.0]))
    assert ledger.recorded(data=study.data, profile="smoke") == {"R1": result}
    assert f"{result['x (deg)']:+.2f}" == "+1.50" and result["x (deg)"].n_failed == 0
    with pytest.raises(KeyError):
        result["y"]


@pytest.mark.parametrize("other", [SUPPORTED, UNDECIDED])
def test_a_page_says_where_a_kept_book_has_another_word(study, capsys, monkeypatch, other):
    run = {"profile": "paper", "constant": "", "commit": "a", "criteria": criteria.digest(["R1"])}
    runs = [run | {"name": name, "verdicts": {"R1": {"all": other}}} for name in ("as it is", "b")]
    monkeypatch.setattr("studies.study.kept_runs", lambda: runs)
    row = ledger.statistic("x", np.ones(2), holds=np.ones(2, bool))
    parts = {"all": SUPPORTED}
    study.judge(lambda: ledger.Result(claim="R1", statistics=(row,), null_name="", parts=parts))
    assert ("**R1 does not stand**" in capsys.readouterr().out) == (other != SUPPORTED)


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


def test_a_brief_book_has_fewest_networks_of_all_but_the_notes_tasks(monkeypatch, tmp_path):
    asked = {}

    def counted(experiment, n, *, data):
        asked[experiment.name] = n
        return xr.Dataset({"seed": ("network", range(n)), "checksum": ("network", ["x"] * n)})

    monkeypatch.setattr("studies.study.ensemble", counted)
    further = [small(experiment_named("perception")), small(experiment_named("decision"))]
    for experiments in (None, [dataclasses.replace(e, name=f"own_{e.name}") for e in further]):
        Study("brief", tmp_path, experiments=experiments)
    assert asked == {"perception": 4, "decision": 4, "own_perception": 2, "own_decision": 2}
