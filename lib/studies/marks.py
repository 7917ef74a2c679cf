"""The sign and the colour of each verdict, on pages and in figures."""

from taskrnn.analysis.verdicts import CHANCE, CONTRADICTED, SUPPORTED, UNDECIDED, WEAKER

NOT_ANALYSED = "not yet analysed"
# Each word with a sign and a colour that is read on white and on black.
MARKS = {
    SUPPORTED: ("✔", "#008a63"),
    CHANCE: ("≈", "#9a7400"),
    UNDECIDED: ("?", "#767676"),
    WEAKER: ("▽", "#9a7400"),
    CONTRADICTED: ("✘", "#d0521b"),
    NOT_ANALYSED: ("…", "#767676"),
}
