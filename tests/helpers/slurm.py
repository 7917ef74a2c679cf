"""A Slurm of one node in one folder, run as root without systemd, for the tests."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname

PROGRAMS = ("munged", "slurmctld", "slurmd", "sinfo", "sbatch", "scancel")


def why_not() -> str | None:
    """Why Slurm cannot be run here, None if it can."""
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        return f"Slurm is not installed here ({missing[0]} is missing)"
    return None if os.getuid() == 0 else "only root can run Slurm in a folder"


def configuration(root: Path, host: str) -> str:
    """slurm.conf."""
    return f"""
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={root}/run/munge.socket
CryptoType=crypto/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort=16817
SlurmdPort=16818
SlurmctldPidFile={root}/run/slurmctld.pid
SlurmdPidFile={root}/run/slurmd.pid
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool
SlurmctldLogFile={root}/log/slurmctld.log
SlurmdLogFile={root}/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_min_interval=100000,sched_interval=5,bf_interval=5
SlurmdParameters=config_overrides
KillWait=5
MinJobAge=300
InactiveLimit=0
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=8000 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=01:00:00 State=UP
"""


@contextmanager
def running_slurm() -> Iterator[Path]:
    """A running Slurm, and SLURM_CONF in the environment; yields its folder."""
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder:
        root = Path(folder)
        root.chmod(0o755)  # munged refuses a socket that others cannot reach
        with daemons_in(root):
            yield root


@contextmanager
def daemons_in(root: Path) -> Iterator[None]:
    """The daemons, stopped at the end."""
    host = gethostname().partition(".")[0]
    for name in ("run", "log", "state", "spool", "munge"):
        (root / name).mkdir(mode=0o700 if name == "munge" else 0o755)
    key, conf = root / "munge/key", root / "slurm.conf"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    conf.write_text(configuration(root, host))
    munge = {
        "key-file": key,
        "socket": root / "run/munge.socket",
        "pid-file": root / "run/munged.pid",
    }
    munge |= {"log-file": root / "log/munged.log", "seed-file": root / "munge/seed"}
    os.environ["SLURM_CONF"] = str(conf)
    daemons = []

    def start(*command):
        log = (root / "log" / f"{command[0]}.out").open("w")
        daemons.append(subprocess.Popen(command, stdout=log, stderr=log))

    try:
        start("munged", "-F", *(f"--{name}={path}" for name, path in munge.items()))
        until(munge["socket"].exists, 10)
        start("slurmctld", "-D", "-i", "-f", str(conf))
        start("slurmd", "-D", "-f", str(conf))
        until(lambda: "idle" in output("sinfo", "-h", "-o", "%T"), 30)
        yield
        subprocess.run(["scancel", "-u", "root"], check=True)
        until(lambda: not output("squeue", "-h"), 30)
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(20)
        del os.environ["SLURM_CONF"]


def output(*command: str) -> str:
    """What a command prints."""
    return subprocess.run(command, capture_output=True, text=True).stdout


def until(condition, seconds: float) -> None:
    """Wait for a condition; TimeoutError after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"nothing after {seconds} s")
        time.sleep(0.1)
