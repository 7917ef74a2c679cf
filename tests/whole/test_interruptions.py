"""Nothing is lost: killed processes, two builds at once, full and read-only disks, damaged files of
every kind.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from small_experiments import small

from taskrnn.ensembles import ensemble as ensembles
from taskrnn.ensembles import shards, storage
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.network_files import (
    folder,
    lock,
    network_path,
    read_state,
    state_path,
    training_hash,
)
from taskrnn.ensembles.status import is_locked, status
from taskrnn.ensembles.workers import Here
from taskrnn.experiments import PERCEPTION

HELPERS = Path(__file__).parents[1] / "helpers"
LIBRARY = Path(__file__).parents[2] / "lib"


def test_twenty_kills_lose_nothing_and_change_no_bit():
    """`python tests/helpers/kill_training.py 500` does it for longer."""
    environment = os.environ | {"PYTHONPATH": f"{HELPERS}{os.pathsep}{LIBRARY}"}
    done = subprocess.run(
        [sys.executable, HELPERS / "kill_training.py", "20"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "20 kills of 20 survived" in done.stdout
    # They fell into the middle of training, and not always into the same place.
    assert int(done.stdout.split(", ")[1].split()[0]) > 5


def shard(e, numbers, where):
    return shards.train_shard(e, numbers, where, training_hash(e))


def test_networks_that_stand_at_different_updates_go_on_from_their_own(tmp_path, monkeypatch):
    """As after a kill between the files of two networks."""
    e = small(PERCEPTION, updates=6)
    whole = ensemble(e, 2, data=tmp_path / "whole", executor=Here())
    where = tmp_path / "stopped"
    monkeypatch.setattr(shards, "STATE_SECONDS", 0.0)

    def stop_after(updates, numbers):
        writes = []

        def counted(*arguments, number):
            write(*arguments, number=number)
            writes.append(number)
            if len(writes) == updates * len(numbers):
                raise KeyboardInterrupt

        write = original
        monkeypatch.setattr(shards, "write_state", counted)
        with pytest.raises(KeyboardInterrupt):
            shard(e, numbers, where)

    original = shards.write_state
    stop_after(2, [0, 1])
    stop_after(3, [1])
    monkeypatch.setattr(shards, "write_state", original)
    assert [int(read_state(e, state_path(where, k), number=k).updates_made) for k in (0, 1)] == [
        2,
        5,
    ]
    shard(e, [0, 1], where)
    for k in (0, 1):
        network = storage.read(network_path(where, k))
        np.testing.assert_array_equal(network.recurrent_after, whole.recurrent_after[k])
        np.testing.assert_array_equal(network.loss, whole.loss[k])
    assert not list(where.glob("running/*.state.nc")) and not list(where.glob("running/*.json"))


def test_two_builds_at_once_train_each_network_once(tmp_path, monkeypatch):
    from taskrnn.training import train as training

    e, trained = small(PERCEPTION), []

    def slow(*arguments, seeds, **others):
        trained.extend(seeds)
        time.sleep(0.5)
        return train(*arguments, seeds=seeds, **others)

    train = training.train
    monkeypatch.setattr(training, "train", slow)
    names, threads = [], []
    for numbers in ([0, 1, 2], [2, 1, 3]):
        threads.append(
            threading.Thread(
                target=lambda numbers=numbers: names.append(shard(e, numbers, tmp_path))
            )
        )
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert sorted(trained) == [e.seed + k for k in range(4)]
    assert sorted(map(len, names)) == [3, 3] and len(list(tmp_path.glob("*.nc"))) == 4


def test_the_lock_of_a_dead_process_does_not_block(tmp_path):
    e = small(PERCEPTION)
    held = lock(tmp_path, 0)
    command = f"""
import os, sys
from filelock import FileLock
from pathlib import Path
path = Path({str(held.lock_file)!r})
path.parent.mkdir(parents=True)
held = FileLock(path)
held.acquire()
print("held", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout.readline() == b"held\n"
        assert is_locked(tmp_path, 0)
        owner.kill()
    assert not is_locked(tmp_path, 0)
    assert shard(e, [0], tmp_path) == ["000000.nc"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own; a function makes it larger or read-only."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(options):
        return subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True, text=True
        )

    if (refused := mount("size=100k")).returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {refused.stderr.strip()}")
    yield disk, mount
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_and_a_read_only_one_lose_nothing(small_disk, monkeypatch):
    disk, mount = small_disk
    e = small(PERCEPTION)
    monkeypatch.setattr(
        ensembles, "bytes_needed", lambda *_: 0
    )  # what is asked for ahead; here it fills up later
    with pytest.raises(
        OSError, match="make room or choose another data folder.*are missing; the others are kept"
    ) as full:
        ensemble(e, 8, data=disk, executor=Here())
    assert "\n" not in str(full.value)
    where = folder(e, disk)
    kept = sorted(where.glob("*.nc"))
    assert len(kept) < 8 and not list(where.glob("**/*.tmp"))
    assert all(storage.read(path) is not None for path in kept)
    assert mount("remount,ro").returncode == 0
    with pytest.raises(OSError, match="choose another folder"):
        ensemble(e, 8, data=disk, executor=Here())
    assert mount("remount,rw,size=20m").returncode == 0
    again = ensemble(e, 8, data=disk, executor=Here())
    assert again.sizes["network"] == 8 and not list(where.glob("*.damaged*"))


@pytest.mark.parametrize("kind", ["network", "state"])
def test_damage_to_every_kind_of_file_is_found_and_the_rest_is_used(kind, tmp_path, monkeypatch):
    e = small(PERCEPTION, updates=3)
    where = folder(e, tmp_path)
    monkeypatch.setattr(shards, "STATE_SECONDS", 0.0)
    if kind == "network":
        shard(e, [0], where)
    else:
        interrupted(e, where, monkeypatch)
    path = network_path(where, 0) if kind == "network" else state_path(where, 0)
    intact, rng, found = path.read_bytes(), np.random.default_rng(1), 0
    for position in rng.choice(len(intact), 200, replace=False):
        damaged = bytearray(intact)
        damaged[position] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        with pytest.raises(storage.DamagedFile):
            storage.read(path)
        found += 1
    assert found == 200
    # The last damage is still there: it is named, set aside, and made again.
    whole = ensemble(e, 1, data=tmp_path / "other", executor=Here())
    assert ensemble(e, 1, data=tmp_path, executor=Here()).recurrent_after.identical(
        whole.recurrent_after
    )
    assert path.with_name(f"{path.name}.damaged").read_bytes() == bytes(damaged)


def interrupted(e, where, monkeypatch):
    """Train network 0 until its first state is written."""
    write = shards.write_state

    def once(*arguments, number):
        write(*arguments, number=number)
        raise KeyboardInterrupt

    monkeypatch.setattr(shards, "write_state", once)
    with pytest.raises(KeyboardInterrupt):
        shard(e, [0], where)
    monkeypatch.setattr(shards, "write_state", write)


def test_a_network_of_other_settings_is_not_taken(tmp_path, capsys):
    e, other = small(PERCEPTION), small(PERCEPTION, updates=3)
    own = ensemble(e, 1, data=tmp_path, executor=Here())
    ensemble(other, 2, data=tmp_path, executor=Here())
    network_path(folder(other, tmp_path), 1).rename(network_path(folder(e, tmp_path), 0))
    assert status(e, 1, data=tmp_path).damaged == [0]
    assert ensemble(e, 1, data=tmp_path, executor=Here()).identical(own)
    assert "does not belong there" in capsys.readouterr().err
    assert status(e, 2, data=tmp_path).set_aside == ["000000.nc.damaged"]


def test_a_shard_that_fails_stops_no_other(tmp_path, monkeypatch):
    e = small(PERCEPTION)
    train = shards.train_from

    def sometimes(experiment, numbers, states, where):
        if 2 in numbers:
            raise MemoryError("no memory")
        train(experiment, numbers, states, where)

    monkeypatch.setattr(shards, "train_from", sometimes)
    with pytest.raises(
        RuntimeError,
        match="networks 0 to 4 failed .MemoryError.*5 networks are missing; the others are kept",
    ):
        ensemble(e, 8, data=tmp_path, executor=Here())
    now = status(e, 9, data=tmp_path)
    assert (now.done, now.missing, now.running, now.seconds_left) == (
        [5, 6, 7],
        [0, 1, 2, 3, 4, 8],
        [],
        None,
    )


def test_other_training_code_on_the_worker_is_refused(tmp_path):
    with pytest.raises(RuntimeError, match="another version of taskrnn"):
        shards.train_shard(small(PERCEPTION), [0], tmp_path, "other")
