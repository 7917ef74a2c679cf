"""What is claimed, and what decides it: the rows of `claims.toml`, which were written ahead."""

import hashlib
import json
import tomllib
from collections.abc import Iterable
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
    question: str | None = None
    amendment: str | None = None
    revision: str | None = None
    reason: str | None = None

    @property
    def decides(self) -> str:
        """The criterion that decides now."""
        return self.revision or self.criterion


def claims_in(path: Path) -> dict[str, Claim]:
    """The claims of a file in the form of `claims.toml`, by id; ValueError if a row is not one."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("claims", {})
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is no TOML file: {error}") from None
    if not rows:
        raise ValueError(f"{path} has no claim; a row begins with a line such as [claims.Y1].")
    found = {}
    for name, row in rows.items():
        try:
            found[name] = Claim(id=name, **row)
        except TypeError as error:
            what = str(error).partition(") ")[2]
            raise ValueError(
                f"{path}: claim {name} is not whole ({what}); give chapter, figure, sentence, "
                "statistic, null and criterion."
            ) from None
        if empty := [key for key, text in row.items() if not str(text).strip()]:
            raise ValueError(f"{path}: claim {name} has nothing in {', '.join(empty)}.")
    return found


FILE = Path(__file__).with_name("claims.toml")
_EARLIER = tomllib.loads(FILE.with_name("earlier.toml").read_text(encoding="utf-8"))
EARLIER: dict[str, str] = _EARLIER["words"]  # before the revision of the rules
EARLIER_COMMIT: str = _EARLIER["commit"]
CLAIMS = claims_in(FILE)
_FIXED = tomllib.loads(FILE.read_text(encoding="utf-8"))
HYPOTHESES: dict[str, str] = _FIXED["hypotheses"]
QUESTIONS: dict[str, str] = _FIXED["questions"]  # with which the note ends, in its order


def digest(claims: Iterable[str]) -> str:
    """What decides these claims of the book, as a hash: words by other rules are not compared."""
    known, asked = claims_in(FILE), set(claims)
    decides = {name: claim.decides for name, claim in known.items() if name in asked}
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:16]


def add_claims(path: str | Path) -> None:
    """Know the claims of a file of your own, too, in this process.

    Raises
    ------
    ValueError
        A row is no claim, or its id is taken by another claim.
    """
    for name, claim in claims_in(Path(path)).items():
        if CLAIMS.setdefault(name, claim) != claim:
            raise ValueError(
                f"There is another claim {name}; give that of {path} another id or, if you changed "
                "its text, start Python anew."
            )
