"""Verdicts with few and with many networks, side by side."""

from collections.abc import Iterable, Mapping

from studies import criteria
from studies.kept_file import TRAINING
from studies.ledger import Result
from studies.tables import number, spread
from taskrnn.experiments import EXPERIMENTS

Recorded = Mapping[str, Mapping[str, Result]]
USUAL = 0.9  # of random tens, that give the same word


def in_all(recorded: Recorded) -> list[str]:
    """Claims that are judged with every number of networks."""
    return [
        claim for claim in criteria.CLAIMS if all(claim in results for results in recorded.values())
    ]


def not_yet(recorded: Recorded) -> list[str]:
    """Claims about the note's tasks alone that are judged with the fewest networks and not with the
    most.
    """
    few, *_, most = recorded.values()
    own = {TRAINING + task for task in EXPERIMENTS}
    left = [claim for claim in criteria.CLAIMS if claim in few and claim not in most]
    trained = {
        claim: {name for name in few[claim].code if name.startswith(TRAINING)} for claim in left
    }
    return [claim for claim in left if trained[claim] and trained[claim] <= own]


def rows(recorded: Recorded, sizes: Mapping[str, int]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: the word of each claim by the number of networks; and how often random tens
    of the most networks have the word of all of them.

    Parameters
    ----------
    recorded : {name: {claim: Result}}, the fewest networks first
    sizes : {name: networks of each task}
    """
    header = ["claim", *(f"{n} networks per task" for n in sizes.values()), "ten at random"]
    found = [(claim, [of[claim] for of in recorded.values()]) for claim in in_all(recorded)]
    return header, [
        [claim, *(of.verdict for of in results), by_tens(results[-1])] for claim, results in found
    ]


def numbers(recorded: Recorded, sizes: Mapping[str, int]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: the first statistic of each claim by the number of networks, as `rows`."""
    header = ["claim", "first statistic", *(f"{n} networks" for n in sizes.values())]
    table = []
    for claim in in_all(recorded):
        first = [of[claim].statistics[0] for of in recorded.values()]
        means = (f"{number(of.interval.mean)} ({spread(of.interval)})" for of in first)
        table.append([claim, first[0].name, *means])
    return header, table


def by_tens(result: Result) -> str:
    """How often random tens get which word."""
    total = sum(result.tens.values())
    return ", ".join(f"{word} {n / total:.0%}" for word, n in result.tens.items())


def agreement(result: Result) -> float:
    """Share of the random tens that get the word of all networks; NaN if there are none."""
    total = sum(result.tens.values())
    return result.tens.get(result.verdict, 0) / total if total else float("nan")


def open_to_chance(results: Mapping[str, Result]) -> list[str]:
    """The claims of which too many random tens get another word than all networks."""
    return [claim for claim, result in results.items() if agreement(result) < USUAL]


def hang_on_networks(results: Mapping[str, Result], claims: Iterable[str]) -> str:
    """Of how many of these claims the word hangs on which ten networks there are, in a sentence;
    empty if none of them is judged.
    """
    judged = {claim: results[claim] for claim in claims if claim in results}
    if not judged:
        return ""
    others = open_to_chance(judged)
    return (
        f"For {len(others)} of {len(judged)} claims here more than one in ten random tens of "
        f"networks get another word than all: {', '.join(others) or 'none'}."
    )


def answer(recorded: Recorded, sizes: Mapping[str, int]) -> str:
    """Which words change with more networks, and which a ten at random would often miss; which
    are judged with the fewest alone; that nobody knows, if there is nothing to compare.
    """
    both = in_all(recorded)
    if not both:
        missing = " and ".join(f"{n} networks" for name, n in sizes.items() if not recorded[name])
        return f"Nobody knows yet: no claim is judged with {missing or 'both'}."
    changed = [
        claim for claim in both if len({str(of[claim].verdict) for of in recorded.values()}) > 1
    ]
    numbers = " and ".join(map(str, sizes.values()))
    found = f"Of {len(both)} verdicts, {len(changed)} differ between {numbers} networks per task"
    found += f": {', '.join(changed)}." if changed else "."
    most = list(recorded.values())[-1]
    often = {claim: agreement(most[claim]) for claim in both}
    others = open_to_chance({claim: most[claim] for claim in both})
    if any(share == share for share in often.values()):
        found += (
            f" For {len(others)} claims more than one in ten random tens of networks get "
            f"another word than the {list(sizes.values())[-1]}"
        )
        found += f": {', '.join(others)}." if others else "."
    if left := not_yet(recorded):
        found += f" Not judged with {list(sizes.values())[-1]} yet: {', '.join(left)}."
    return found


def age(older: Mapping[str, str]) -> str:
    """Whether the kept results are those of the present code, in a sentence.

    Parameters
    ----------
    older : {claim: what has changed}, `studies.more_networks.kept.older`
    """
    if not older:
        return "They were made by the code of this book."
    names = sorted({name for of in older.values() for name in of.split(", ")})
    return (
        f"They are older than this book in {len(older)} claims ({', '.join(older)}), since "
        f"{', '.join(names)} changed."
    )
