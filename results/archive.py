"""Networks and results as one file: `python -m results.archive make archive.tar`; `verify` and
`unpack` take such a file.

It is a bag (BagIt, RFC 8493), whose list has the SHA-256 of every file, and what it holds is
described as an RO-Crate (https://w3id.org/ro/crate). From it the book is built without training.
"""

import argparse
import os
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from results.large import ROOT
from studies import provenance
from taskrnn.ensembles import storage
from taskrnn.ensembles.network_files import folder, network_path
from taskrnn.experiments import EXPERIMENTS
from taskrnn.profiles import PROFILES, experiment_named

KEPT = ("ensembles", "verdicts")  # of the data folder; the rest is made of these
BAG = "bag"  # the one folder in the file


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m results.archive", description=__doc__)
    parser.add_argument("do", choices=("make", "verify", "unpack"))
    parser.add_argument("archive", type=Path)
    parser.add_argument("--data", type=Path, default=ROOT / "data")
    options = parser.parse_args()
    do = {"make": make, "verify": verify, "unpack": unpack}[options.do]
    try:
        print(do(options.archive, data=options.data))
    except (OSError, ValueError) as error:
        sys.exit(str(error))


def make(archive: Path, *, data: Path) -> str:
    """Pack the networks and the results of a data folder; what was packed, in a sentence.

    Raises
    ------
    ValueError
        There is nothing to pack.
    OSError
        The disk is full or cannot be written; no archive is left.
    """
    import bagit

    places = [data / name for name in KEPT if (data / name).is_dir()]
    if not any(places):
        raise ValueError(f"{data} has no networks; build the book first (make book).")
    commit = provenance.commit()  # before there are files that the repository does not know
    with tempfile.TemporaryDirectory(dir=archive.absolute().parent, prefix=".") as temporary:
        staged = Path(temporary, BAG)
        for place in places:
            shutil.copytree(place, staged / place.name, ignore=unfinished, copy_function=linked)
        described(staged)
        bag = bagit.make_bag(staged, {"External-Identifier": commit}, checksums=["sha256"])
        with storage.whole(archive) as path, tarfile.open(path, "w") as tar:
            tar.add(staged, arcname=BAG)
    return f"{archive}: {len(bag.payload_entries())} files, by the code of commit {commit}."


def verify(archive: Path, *, data: Path) -> str:
    """Whether every file of an archive is there and as it was packed, and how many of the networks
    are in it that the present code trains, in a sentence.

    Raises
    ------
    ValueError
        It is no archive, or not as it was packed; the message names a file.
    """
    with opened(archive, where=archive.absolute().parent) as bag:
        return said(archive, bag)


def unpack(archive: Path, *, data: Path) -> str:
    """Verify an archive and add to the data folder what is missing there; the same sentence."""
    data.mkdir(parents=True, exist_ok=True)
    with opened(archive, where=data) as bag:
        files = [path for path in (bag / "data").rglob("*") if path.is_file()]
        kept = {path.relative_to(bag / "data"): path for path in files}
        added = [placed(path, data / name) for name, path in kept.items() if name.parts[0] in KEPT]
        return f"{said(archive, bag)} {sum(added)} of {len(added)} files are new in {data}."


def placed(source: Path, target: Path) -> bool:
    """Give a file its place if that is free, also of a build that runs; whether it was."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError:  # a disk without second names
        if target.exists():
            return False
        os.replace(source, target)
    return True


@contextmanager
def opened(archive: Path, *, where: Path) -> Iterator[Path]:
    """The verified content of an archive, in a folder in `where` that goes when the block ends."""
    import bagit

    with tempfile.TemporaryDirectory(dir=where, prefix=".") as temporary:
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(temporary, filter="data")
            bagit.Bag(os.path.join(temporary, BAG)).validate()
        except (tarfile.TarError, bagit.BagError) as error:
            raise ValueError(f"{archive} is not as it was packed: {error}") from None
        yield Path(temporary, BAG)


def said(archive: Path, bag: Path) -> str:
    """What made a verified archive, and how many of its networks are the present ones."""
    import bagit

    commit = bagit.Bag(str(bag)).info.get("External-Identifier", "unknown")
    n, there = PROFILES["paper"].n_networks, []
    for task in EXPERIMENTS:
        where = folder(experiment_named(task), bag / "data")
        there.append(f"{sum(network_path(where, k).is_file() for k in range(n))} of {n} ({task})")
    return (
        f"{archive}: whole, by the code of commit {commit}. Of the networks that this code trains "
        f"for the profile paper it has {' and '.join(there)}."
    )


def described(staged: Path) -> None:
    """Write the RO-Crate's description of a folder of ensembles and verdicts into it."""
    from rocrate.rocrate import ROCrate

    crate = ROCrate()
    crate.name = "Trained networks and results of RNN Initial Hypotheses"
    crate.description = (
        "Each ensemble is a folder of networks (NetCDF) with what was measured of them; verdicts "
        "has how each claim came out (JSON)."
    )
    crate.datePublished = datetime.now(UTC)
    crate.license = "MIT"
    for place in sorted(path for name in KEPT for path in (staged / name).glob("*")):
        files = sum(path.is_file() for path in place.rglob("*"))
        properties = {"name": place.name, "description": f"{files} files"}
        crate.add_dataset(dest_path=f"{place.relative_to(staged)}/", properties=properties)
    crate.metadata.write(staged)


def unfinished(_: str, names: list[str]) -> list[str]:
    """Of the names in a folder those of work that is going on, or was set aside."""
    return [name for name in names if name == "running" or ".damaged" in name or name[0] == "."]


def linked(source: str, target: str) -> None:
    """A second name for a file, or a copy where the disk has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


if __name__ == "__main__":
    main()
