"""The verdicts with a hundred networks of each task, and with a thousand of one, which the
repository keeps because making them takes more than an hour; `python -m results.large` and `python
-m results.thousand` make them.
"""

from pathlib import Path

from studies import criteria
from studies.kept_file import changed, cite, read
from studies.ledger import Result, from_row

FILE = Path(__file__).parents[3] / "results" / "large.json"
THOUSAND = FILE.with_name("thousand.json")  # of `python -m results.thousand`


def results(file: Path = FILE) -> dict[str, Result]:
    """What is kept, by claim, and the line under figures says so; empty if nothing is."""
    if not (kept := read(file)):
        return {}
    which = "per task" if file == FILE else "of one task"
    cite(file, kept, f"{kept['networks']} networks {which}, ")
    return {claim: from_row(row) for claim, row in kept["claims"].items()}


def steps(file: Path = THOUSAND) -> list[dict]:
    """What the networks of one task cost, and the words of the claims, of ever more of them."""
    return read(file).get("steps", [])


def n_networks(file: Path = FILE) -> int:
    """Networks of each task; 0 if nothing is kept."""
    return read(file).get("networks", 0)


def older(file: Path = FILE) -> dict[str, str]:
    """The claims that present code would judge anew, and what has changed."""
    if not (kept := read(file)):
        return {}
    if kept["criteria"] != criteria.digest(kept["claims"]):
        return dict.fromkeys(kept["claims"], "criteria")
    of_claims = {claim: changed(row["code"]) for claim, row in kept["claims"].items()}
    return {claim: ", ".join(names) for claim, names in of_claims.items() if names}
