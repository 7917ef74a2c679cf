"""The same networks whoever trains them: this process, processes, a Dask scheduler, jobs of a real
Slurm; and the command line.
"""

import dataclasses
import sys
import threading
import time

import numpy as np
import pytest
import slurm
from small_experiments import small

from taskrnn import __main__ as command_line
from taskrnn.ensembles import ensemble as ensembles
from taskrnn.ensembles.ensemble import ensemble, records
from taskrnn.ensembles.network_files import folder
from taskrnn.ensembles.status import status
from taskrnn.ensembles.workers import Here, executor
from taskrnn.experiments import PERCEPTION
from taskrnn.networks.network import Network
from taskrnn.profiles import experiment_named


def test_this_process_and_processes_train_the_same(experiment, tmp_path):
    with executor("here") as here:
        one = ensemble(experiment, 7, data=tmp_path / "here", executor=here)
    with executor("processes") as processes:
        assert ensemble(experiment, 7, data=tmp_path / "processes", executor=processes).identical(
            one
        )


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
def test_a_dask_scheduler_by_address(experiment, tmp_path):
    distributed = pytest.importorskip(
        "distributed", reason='Dask is not installed: pip install -e ".[cluster]"'
    )
    one = ensemble(experiment, 7, data=tmp_path / "here", executor=Here())
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        executor(cluster.scheduler_address) as pool,
    ):
        assert ensemble(experiment, 7, data=tmp_path / "dask", executor=pool).identical(one)


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
def test_slurm_replaces_a_cancelled_job_and_trains_the_same_networks(tmp_path):
    pytest.importorskip(
        "dask_jobqueue", reason='Dask is not installed: pip install -e ".[cluster]"'
    )
    if reason := slurm.why_not():
        pytest.skip(reason)
    e = dataclasses.replace(small(PERCEPTION, updates=1500), name="on-slurm")
    one = ensemble(e, 10, data=tmp_path / "here")
    cancelled, where = [], folder(e, tmp_path / "slurm")

    def cancel():
        """One of two jobs, once its shard is in the middle of its training."""
        slurm.until(lambda: any(record["update"] > 50 for record in records(where)), 60)
        cancelled.extend(slurm.output("squeue", "-h", "-t", "RUNNING", "-o", "%i").split()[:1])
        slurm.output("scancel", *cancelled)

    with slurm.running_slurm() as root:
        options = {
            "queue": "main",
            "walltime": "00:10:00",
            "interface": "lo",
            "log_directory": str(root / "log"),
        }
        options |= {"local_directory": str(root), "shared_temp_directory": str(root)}
        with executor("slurm", jobs=2, **options) as pool:
            thread = threading.Thread(target=cancel)
            thread.start()
            found = ensemble(e, 10, data=tmp_path / "slurm", executor=pool)
            thread.join()
            require_a_certificate(pool._client, root)
        jobs = set(slurm.output("squeue", "-h", "-t", "all", "-o", "%i").split())
    assert not list(root.glob(".keys-*"))
    assert len(cancelled) == 1 and len(jobs) >= 3, f"cancelled {cancelled} of {jobs}"
    assert found.identical(one)


def require_a_certificate(client, root):
    """Nobody else is let in: neither without encryption nor with a certificate of their own; and
    nobody else can read the keys of this run.
    """
    from distributed import Client
    from distributed.security import Security

    address = client.scheduler.address
    assert address.startswith("tls://")
    theirs = Security.temporary()
    for where, keys in ((address.replace("tls", "tcp"), None), (address, theirs)):
        with (
            pytest.raises(OSError, match="closed|does not match|Timed out"),
            Client(where, security=keys, timeout=3),
        ):
            pytest.fail(f"a stranger reached {where}")
    (folder,) = root.glob(".keys-*")
    assert folder.stat().st_mode & 0o077 == 0 and list(folder.iterdir())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: executor("clowd"),
            ValueError,
            "choose one of processes, here, slurm or a scheduler's address",
        ),
        (
            lambda: executor("slurm", jobs=0),
            (ValueError, RuntimeError),
            "at least one|not installed",
        ),
        (
            lambda: executor("tcp://127.0.0.1:9"),
            RuntimeError,
            "No scheduler answers at tcp|not installed",
        ),
    ],
)
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
def test_bad_places_are_refused(call, error, words):
    with pytest.raises(error, match=words), call():
        pytest.fail("it began")


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["taskrnn", *map(str, arguments)])
    command_line.main()
    return capsys.readouterr().out


def test_the_command_line_forecasts_trains_and_tells(tmp_path, monkeypatch, capsys):
    e = small(PERCEPTION, updates=4)
    monkeypatch.setattr(command_line, "experiment_named", lambda name, profile: e)
    options = ["perception", "--networks", 7, "--data", tmp_path]
    dry = run(monkeypatch, capsys, "train", *options, "--on", "here", "--dry-run")
    assert (
        "0 of 7 networks are there, 7 are missing" in dry
        and "2 shards of at most 5 networks, 1 workers" in dry
    )
    assert not list(tmp_path.rglob("*.nc"))
    assert "missing      7  0, 1, 2" in run(monkeypatch, capsys, "status", *options)
    assert "7 networks are in" in run(monkeypatch, capsys, "train", *options, "--on", "here")
    assert "done         7  0, 1, 2, 3" in run(monkeypatch, capsys, "status", *options)
    assert "7 of 7 networks are there" in run(
        monkeypatch, capsys, "train", *options, "--on", "here", "--dry-run"
    )


def test_the_command_line_takes_an_experiment_of_ones_own(tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mine.py").write_text(
        "from dataclasses import replace\nfrom taskrnn.experiments import PERCEPTION\n"
        "MINE = replace(PERCEPTION, name='mine', network=replace(PERCEPTION.network, n_units=7))\n"
    )
    options = ["--networks", 3, "--data", tmp_path / "data"]
    assert "missing      3  0, 1, 2" in run(monkeypatch, capsys, "status", "mine:MINE", *options)
    for wrong in ("mine:THEIRS", "yours:MINE", "mine:PERCEPTION.name", "percepton"):
        with pytest.raises(ValueError, match=wrong):
            run(monkeypatch, capsys, "status", wrong, *options)


def test_status_while_it_runs(tmp_path):
    e = small(PERCEPTION, updates=600)
    thread = threading.Thread(target=lambda: ensemble(e, 6, data=tmp_path))
    thread.start()
    end, seen = time.monotonic() + 60, None
    while seen is None and time.monotonic() < end:
        now = status(e, 6, data=tmp_path)
        seen = now if now.running and now.seconds_left else None
        time.sleep(0.05)
    thread.join()
    assert seen is not None and seen.done + seen.running + seen.missing == sorted(
        seen.done + seen.running + seen.missing
    )
    assert 0 < seen.seconds_left < np.inf
    assert status(e, 6, data=tmp_path).done == list(range(6))


def test_wrong_numbers_on_the_command_line_are_one_sentence(tmp_path, monkeypatch, capsys):
    with pytest.raises(ValueError, match="ask for at least one"):
        run(monkeypatch, capsys, "train", "decision", "--networks", 0, "--data", tmp_path)
    assert experiment_named("decision") and not list(tmp_path.iterdir())
    assert ensembles.shard_size(PERCEPTION.network, 1000, 4) == 5
    assert ensembles.shard_size(PERCEPTION.network, 6, 4) == 2
    assert ensembles.shard_size(Network(n_units=4), 6, 4) == 1
