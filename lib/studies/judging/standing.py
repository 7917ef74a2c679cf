"""Whether a word stands: in this build, with other seeds and under other roundings.

A word that other networks of the same recipe, or the last digits of a processor, can turn is not
settled by the networks at hand, whatever its interval says. So a word stands if every book that is
kept in the repository and this build give it, and is undecided otherwise. Books with other
constants of the analysis are not asked: they are the same networks, looked at otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence

from studies.criteria import CLAIMS, EARLIER
from studies.ledger import VERDICTS, Result
from studies.other_books import Kept, otherwise
from taskrnn.analysis.verdicts import UNDECIDED, Verdict


def standing(own: Mapping[str, str], kept: Kept) -> dict[str, str]:
    """Each word of this build if it stands, else undecided."""
    return {
        claim: word if not otherwise(claim, word, kept) else UNDECIDED
        for claim, word in own.items()
    }


def own_words(results: Mapping[str, Result]) -> dict[str, Verdict]:
    """The words of this build."""
    return {claim: result.verdict for claim, result in results.items()}


def unasked(own: Iterable[str], kept: Kept) -> list[str]:
    """The claims that no kept book has judged, so that nobody knows whether their words stand."""
    return [claim for claim in own if not any(claim in of for of in kept.values())]


def rows(results: Mapping[str, Result], kept: Kept) -> tuple[list[str], list[list[str]]]:
    """Header and rows: the word in this build and in each kept book, and whether it stands."""
    own = own_words(results)
    final, table = standing(own, kept), []
    for claim in (claim for claim in CLAIMS if claim in own):
        cells = [of.get(claim, "-") for of in kept.values()]
        shown = [f"**{cell}**" if cell not in ("-", own[claim]) else cell for cell in cells]
        table.append([claim, own[claim], *shown, final[claim]])
    return ["claim", "this build", *kept, "stands as"], table


def turned(kept: Kept, among: Sequence[str]) -> tuple[int, int]:
    """How many words two readers would see otherwise, whose builds are two `among` the kept books:
    of the single builds, and of words that stand by all other kept books. The most over all pairs.
    """
    single, stood = 0, 0
    for i, a in enumerate(among):
        for b in among[i + 1 :]:
            rest = {name: kept[name] for name in kept if name not in (a, b)}
            one, other = (standing(kept[name], rest) for name in (a, b))
            single = max(single, sum(kept[a][c] != kept[b].get(c) for c in kept[a]))
            stood = max(stood, sum(one[c] != other.get(c) for c in one))
    return single, stood


def tried(kept: Kept, among: Sequence[str]) -> str:
    """What `turned` finds, in a sentence."""
    known = [name for name in among if name in kept]
    if len(known) < 2:
        return (
            "Nobody knows yet: no two books that differ in rounding alone were judged by the "
            "present criteria."
        )
    single, stood = turned(kept, known)
    return (
        f"Take two of the {len(known)} kept books that differ in rounding alone as the builds of "
        f"two readers. As single builds they differ in {single} words at most. If each reader asks "
        f"the other kept books too, the words that stand differ in {stood}."
    )


def revised(results: Mapping[str, Result]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: the words before the revision of the rules and in this build, and why."""
    table = []
    for claim, row in CLAIMS.items():
        if claim not in results or claim not in EARLIER:
            continue
        word = results[claim].verdict
        shown = f"**{word}**" if word != EARLIER[claim] else str(word)
        table.append([claim, EARLIER[claim], shown, row.reason or "Student's t, exact intervals"])
    return ["claim", "before", "now", "what was changed, and why"], table


def moved(results: Mapping[str, Result]) -> tuple[list[str], list[str]]:
    """Claims whose word the revision moved: towards the note's sentence, and away from it."""
    place = {word: i for i, word in enumerate(VERDICTS)}
    shifts = {
        claim: place[result.verdict] - place[EARLIER[claim]]
        for claim, result in results.items()
        if claim in EARLIER
    }
    towards = [claim for claim, shift in shifts.items() if shift < 0]
    return towards, [claim for claim, shift in shifts.items() if shift > 0]
