"""What is claimed, and what decides it: the rows of `claims.toml`, which were written ahead."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A row of the ledger; the sentences are those that were fixed ahead.

    `criterion` is as it was written first, `amendment` why it is read otherwise; `revision` is what
    decides now, where a referee asked for another rule, and `reason` why.
    """

    id: str
    chapter: str
    figure: str
    sentence: str
    statistic: str
    null: str
    criterion: str
    hypothesis: str | None = None
    amendment: str | None = None
    revision: str | None = None
    reason: str | None = None


def claims_in(path: Path) -> dict[str, Claim]:
    """The claims of a file in the form of `claims.toml`, by id; ValueError if a row is not one."""
    rows, found = tomllib.loads(path.read_text(encoding="utf-8")).get("claims", {}), {}
    for name, row in rows.items():
        try:
            found[name] = Claim(id=name, **row)
        except TypeError as error:
            what = str(error).partition(") ")[2]
            raise ValueError(
                f"{path}: claim {name} is not whole ({what}); give chapter, figure, sentence, "
                "statistic, null and criterion."
            ) from None
    return found


FILE = Path(__file__).with_name("claims.toml")
CLAIMS = claims_in(FILE)
HYPOTHESES: dict[str, str] = tomllib.loads(FILE.read_text(encoding="utf-8"))["hypotheses"]


def add_claims(path: str | Path) -> None:
    """Know the claims of a file of your own, too, in this process.

    Raises
    ------
    ValueError
        A row is no claim, or its id is taken by another claim.
    """
    for name, claim in claims_in(Path(path)).items():
        if CLAIMS.setdefault(name, claim) != claim:
            raise ValueError(f"There is another claim {name}; give that of {path} another id.")
