"""A page says nothing as a dash, in its text and in its tables."""

import pytest
from docutils import nodes
from docutils.utils import new_document

from executable_book.dashes import DASH, put_dashes
from studies.tables import table


@pytest.mark.parametrize(
    ("glued", "shown"),
    [
        ("nan", DASH),
        ("+nan", DASH),
        ("-inf", DASH),
        ("nan%", DASH),
        ("NAN", DASH),
        ("0.25", "0.25"),
        ("finance", "finance"),
        ("nan of 3", "nan of 3"),
    ],
)
def test_a_number_in_the_text_that_is_none_is_a_dash(glued, shown):
    document = new_document("a page")
    document += nodes.paragraph(
        "",
        "",
        nodes.Text("by "),
        nodes.inline(glued, glued, classes=["pasted-text"]),
        nodes.inline("nan", "nan"),
    )
    put_dashes(None, document, "a page")
    assert document.astext() == f"by {shown}nan", "only what was glued is looked at"


def test_a_cell_of_a_table_is_never_empty_or_no_number():
    shown = table(
        ["", "a"],
        [["nan", "+nan (nan to inf)"], [None, ""], [0, "1.5 / nan"], ["influence", "finance nan%"]],
    )
    assert shown.data.splitlines()[2:] == [
        "| - | - (- to -) |",
        "| - | - |",
        "| 0 | 1.5 / - |",
        "| influence | finance - |",
    ]
