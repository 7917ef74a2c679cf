"""The sign and the colour of each verdict, on pages and in figures."""

from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, WEAKER

NOT_ANALYSED = "not yet analysed"
# Each word with a sign and a colour that is read on white; book.css has those for dark pages.
MARKS = {
    SUPPORTED: ("✔", "#00704f"),
    CHANCE: ("≈", "#7a5c00"),
    UNDECIDED: ("?", "#5f5f5f"),
    WEAKER: ("▽", "#7a5c00"),
    CONTRADICTED: ("✘", "#a83c0c"),
    NOT_ANALYSED: ("…", "#5f5f5f"),
}


def in_colour(word: str) -> str:
    """The style of a word: the colour that the page has for it, or that of white pages."""
    return f"color: var(--verdict-{word.replace(' ', '-')}, {MARKS[word][1]})"
