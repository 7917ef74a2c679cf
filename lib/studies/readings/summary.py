"""Which words hang on how the note is read."""

import re
from collections import Counter
from collections.abc import Sequence

from studies.criteria import CLAIMS
from taskrnn.analysis.verdicts import SUPPORTED

NOT_JUDGED = "cannot be judged"
PLACE = re.compile(r" \(\w+\.py:\d+\)$")  # in the code, of a reason
# Statements of the note, and the claims that ask for them.
STATEMENTS = {
    "The mean weight falls and becomes negative (Figure 4)": "N1",
    "The trained PI is below the untrained one in both tasks (Figure 6)": "N3",
    "The two layers of the decision task (Figure 2)": "L1",
    "The rank of the change is at most 6 (Figure 7)": "S3",
    "Unimportant units become important, and the reverse: the 'L' (Figure 8)": "S4",
    "Non-normality rises, from about 16.5 to 17.5 (section 5.2)": "S5",
    "The subspaces before and after training are almost orthogonal (Figure 9)": "S6",
    "Training moves the subspace away from the readout (Figure 11)": "R1",
    "DCA is further from the readout than PCA (Figure 11)": "R2",
}


def claims_in(found: Sequence[dict]) -> list[str]:
    """All claims that any reading judges, in the book's order."""
    there = {claim for of in found for claim in of["claims"]}
    return [claim for claim in CLAIMS if claim in there]


def name(of: dict) -> str:
    """A reading with its point in the table of readings."""
    return f"{of['point']} {of['name']}".strip()


def word(of: dict, claim: str) -> str:
    """The word of a claim under one reading."""
    return of["claims"][claim]["verdict"] if claim in of["claims"] else NOT_JUDGED


def by_word(found: Sequence[dict], claim: str) -> Counter:
    """Under how many readings the claim has which word."""
    return Counter(word(of, claim) for of in found)


def hangs_on(found: Sequence[dict], claim: str) -> list[str]:
    """The readings under which its word is another than under the first; not those under which it
    cannot be judged.
    """
    same = (NOT_JUDGED, word(found[0], claim))
    return [of["name"] for of in found[1:] if word(of, claim) not in same]


def single(found: Sequence[dict]) -> list[dict]:
    """The recovered recipe, and the readings that make one choice."""
    return [of for of in found if len(of["point"].split()) < 2]


def several(found: Sequence[dict]) -> list[dict]:
    """The readings that make several choices."""
    return [of for of in found if len(of["point"].split()) > 1]


def crossed(found: Sequence[dict]) -> list[dict]:
    """The readings that make several choices; before them, those choices alone and the recovered
    recipe.
    """
    together = several(found)
    choices = {name for of in together for name in parts(of)}
    alone = [of for of in found[1:] if of["name"] in choices]
    return [*found[:1], *alone, *together] if together else []


def parts(of: dict) -> list[str]:
    """The names of the choices that a reading makes."""
    return of["name"].split(", ")


def in_none_alone(found: Sequence[dict]) -> list[tuple[str, str]]:
    """Reading and claim where several choices together give a word that neither the recovered
    recipe nor one of them alone gives; where all of these can be judged.
    """
    by_name, new = {of["name"]: of for of in found}, []
    for of in several(found):
        alone = [by_name.get(name) for name in parts(of)]
        if None in alone:
            continue
        for claim in claims_in(found):
            words = {word(each, claim) for each in (found[0], *alone)}
            if NOT_JUDGED not in words | {word(of, claim)} and word(of, claim) not in words:
                new.append((of["name"], claim))
    return new


def answer(found: Sequence[dict], missing: Sequence[str]) -> str:
    """How many words change, in sentences."""
    one_choice = single(found)
    if len(one_choice) < 2:
        return "Nobody knows yet: no reading but the recovered recipe was run."
    claims = claims_in(one_choice)
    turned = {claim: hangs_on(one_choice, claim) for claim in claims}
    never = [claim for claim in claims if not turned[claim]]
    once = [claim for claim in claims if len(turned[claim]) == 1]
    said = (
        f"{len(one_choice) - 1} other readings than the recovered recipe were run, one choice "
        f"each. {len(never)} of {len(claims)} claims never change their word where they can be "
        f"judged: {', '.join(never) or 'none'}."
    )
    if once:
        one = ", ".join(f"{claim} ({turned[claim][0]})" for claim in once)
        said += f" {len(once)} change it under a single reading: {one}."
    if rest := [f"{claim} ({len(turned[claim])})" for claim in claims if len(turned[claim]) > 1]:
        said += f" {len(rest)} change it under several, whose number follows: {', '.join(rest)}."
    if none := [of["name"] for of in one_choice if not of["claims"]]:
        said += f" Under {', '.join(none)} no claim can be judged."
    if missing:
        said += f" Not run yet: {'; '.join(missing)}."
    return said


def answer_of_crosses(found: Sequence[dict]) -> str:
    """How often choices do together what none of them does alone."""
    together = several(found)
    if not together:
        return "Nobody knows yet: no two choices were made together."
    judged, new = sum(len(of["claims"]) for of in together), in_none_alone(found)
    said = (
        f"Of the {judged} words of {len(together)} combinations, {len(new)} are given neither "
        "by the recovered recipe nor by one of the choices alone"
    )
    if not new:
        return f"{said}."
    claims = {claim: [name for name, of in new if of == claim] for _, claim in new}
    listed = (f"{claim} ({'; '.join(names)})" for claim, names in claims.items())
    return f"{said}: {', '.join(listed)}."


def statements(found: Sequence[dict]) -> tuple[list[str], list[list]]:
    """Header and rows: under which readings each statement of the note comes out; where it does
    under most, under which it does not.
    """
    rows = []
    for statement, claim in STATEMENTS.items():
        there = [of for of in found if claim in of["claims"]]
        yes = [of["name"] for of in there if word(of, claim) == SUPPORTED]
        no = [of["name"] for of in there if word(of, claim) != SUPPORTED]
        which = "; ".join(yes) or "none"
        if len(yes) > len(no):
            which = f"all but {'; '.join(no)}" if no else "all"
        rows.append([statement, claim, f"{len(yes)} of {len(there)}", which])
    return ["the note says", "claim", "supported under", "which"], rows


def networks(found: Sequence[dict]) -> tuple[list[str], list[list]]:
    """Header and rows: how many networks failed in training, and how many do their task."""
    rows = []
    for of in found:
        done = [
            f"{row['holds']} of {row['networks']}"
            if (row := of["claims"].get(claim, {}).get("statistics", [None])[0])
            else "-"
            for claim in ("P1", "P2")
        ]
        rows.append([of["point"] or "-", of["name"], *of["failed"].values(), *done])
    return [
        "point",
        "reading",
        "perception, failed",
        "decision, failed",
        "perception, do the task (P1)",
        "decision, do the task (P2)",
    ], rows


def first_statistics(found: Sequence[dict]) -> tuple[list[str], list[list]]:
    """Header and rows: what is claimed, and the statistic that is shown of each claim."""
    rows = []
    for claim in claims_in(found):
        of = next(of["claims"][claim] for of in found if claim in of["claims"])
        rows.append([claim, CLAIMS[claim].sentence, of["statistics"][0]["name"]])
    return ["claim", "what it says", "first statistic"], rows


def why_not(found: Sequence[dict]) -> tuple[list[str], list[list]]:
    """Header and rows: why claims cannot be judged under a reading."""
    parts: dict[tuple[str, str], list[str]] = {}
    for of in found:
        for part, why in of["missing"].items():
            # Without the measure, which the part has, and the place in the code.
            reason = PLACE.sub("", why.partition(": ")[2] or why)
            name = part.removeprefix("of_").replace("_", " ")
            parts.setdefault((of["name"], reason), []).append(name)
    rows = [[name, ", ".join(of), reason] for (name, reason), of in parts.items()]
    return ["reading", "claims of", "why they cannot be judged"], rows
