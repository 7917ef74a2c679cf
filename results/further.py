"""Keep what the book has computed of the further studies: `python -m results.further`.

It packs what lies in the data folder in the size of the paper: of each network all but its
recurrent weights, and of each measure what the present code makes. `studies.kept` unpacks it.
"""

import json
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import describe
from studies import kept
from studies.architectures.experiments import experiments as architectures
from studies.complexity.experiments import experiments as complexity
from studies.counting.experiments import experiments as counting
from studies.dimension.experiments import experiments as dimension
from studies.initialisation.experiments import experiments as initialisation
from studies.oscillation.experiments import experiments as oscillation
from studies.several_tasks.experiments import experiments as several_tasks
from studies.sparsity.experiments import experiments as sparsity
from taskrnn.ensembles import storage
from taskrnn.ensembles.network_files import folder, identity, network_path
from taskrnn.experiments import EXPERIMENTS
from taskrnn.profiles import PROFILES

STUDIES = (
    dimension,
    oscillation,
    counting,
    several_tasks,
    initialisation,
    complexity,
    architectures,
    sparsity,
)
OF_THE_NOTE = "studies.initialisation."  # measures of the note's networks that another study takes


def keep(data: Path, archive: Path, *, profile: str = "paper") -> dict:
    """Write the archive, and return its contents' list (`kept.LIST`)."""
    n = PROFILES[profile].n_further or PROFILES[profile].n_networks
    ensembles = {}
    with tempfile.TemporaryDirectory() as temporary:
        for experiment in {e.digest(): e for make in STUDIES for e in make(profile)}.values():
            source = folder(experiment, data)
            target = folder(experiment, temporary)
            for k in range(n):
                network = storage.read(network_path(source, k), **identity(experiment, k))
                storage.write(kept.without_weights(network), network_path(target, k))
            ensembles[target.name] = {
                "networks": n,
                "measures": dict(copied(source, target, of_note=experiment.name in EXPERIMENTS)),
            }
        made = {"machine": describe(), "profile": profile, "ensembles": ensembles}
        Path(temporary, kept.LIST).write_text(json.dumps(made, indent=1, sort_keys=True))
        with storage.whole(archive) as path, tarfile.open(path, "w:xz", preset=9) as tar:
            tar.add(temporary, arcname="", filter=plain)
    return made


def copied(source: Path, target: Path, *, of_note: bool) -> Iterator[tuple[str, str]]:
    """Copy the results that the present code makes; the name of each measure, and its code."""
    for place in sorted(path for path in source.iterdir() if "." in path.name and path.is_dir()):
        code = kept.present_code(place.name)
        if code is None or (of_note and not place.name.startswith(OF_THE_NOTE)):
            continue
        for path in sorted(place.glob("*.nc")):
            if storage.read(path).attrs["measure_code"] == code:
                (target / place.name).mkdir(exist_ok=True)
                shutil.copyfile(path, target / place.name / path.name)
                yield place.name, code


def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A member without owner and time, which are those of the machine that packs."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    made = keep(Path(sys.argv[1] if len(sys.argv) > 1 else "data"), kept.ARCHIVE)
    print(
        f"{kept.ARCHIVE}: {len(made['ensembles'])} ensembles, {kept.ARCHIVE.stat().st_size} bytes"
    )
