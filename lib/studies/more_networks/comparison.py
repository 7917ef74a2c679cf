"""Verdicts at the sizes of several profiles, side by side."""

from collections.abc import Mapping

from studies import criteria, ledger
from studies.tables import number, spread

Recorded = Mapping[str, Mapping[str, ledger.Result]]


def in_all(recorded: Recorded) -> list[str]:
    """Claims that every profile has judged."""
    return [
        claim for claim in criteria.CLAIMS if all(claim in results for results in recorded.values())
    ]


def rows(recorded: Recorded, sizes: Mapping[str, int]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: the word of each claim and its first statistic, by the number of networks.

    Parameters
    ----------
    recorded : {profile: {claim: Result}}
    sizes : {profile: networks of each task}
    """
    header = [
        "claim",
        *(f"{n} networks per task" for n in sizes.values()),
        *(f"first statistic, {n}" for n in sizes.values()),
    ]
    table = []
    for claim in in_all(recorded):
        results = [of[claim] for of in recorded.values()]
        table.append(
            [claim, *(r.verdict for r in results), *(in_words(r.statistics[0]) for r in results)]
        )
    return header, table


def answer(recorded: Recorded, sizes: Mapping[str, int]) -> str:
    """Which words change between the profiles; that nobody knows, if there is nothing to
    compare.
    """
    both = in_all(recorded)
    if not both:
        missing = " and ".join(
            f"{n} of `{profile}`" for profile, n in sizes.items() if not recorded[profile]
        )
        return (
            f"Nobody knows yet: of the networks per task, the {missing} have no verdicts where "
            "this page was built."
        )
    changed = [
        claim
        for claim in both
        if len({results[claim].verdict for results in recorded.values()}) > 1
    ]
    numbers = " and ".join(map(str, sizes.values()))
    found = f"Of {len(both)} verdicts, {len(changed)} differ between {numbers} networks per task"
    return f"{found}: {', '.join(changed)}." if changed else f"{found}."


def in_words(row: ledger.Statistic) -> str:
    """A statistic with its mean and interval, on one line."""
    return f"{row.name}: {number(row.interval.mean)} ({spread(row.interval)})"
