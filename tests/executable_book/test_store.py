"""What is stored of outputs: what the code computed, to the letter, without what differs from
process to process.
"""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from executable_book.store import canonical

UUID, OTHER = "c7bd79c9-c47e-4ea5-aea3-74dda991b48e", "00000000-0000-0000-0000-000000000001"
WIDGET = "application/vnd.jupyter.widget-view+json"


def stored(*outputs):
    notebook = new_notebook(cells=[new_code_cell("f()", outputs=list(outputs))])
    return canonical(notebook, source=Path("/book")).cells[0].outputs


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("0xdeadbeef", "0xdeadbeef"),
        (UUID, UUID),
        ("found at 0xdeadbeef", "found at 0xdeadbeef"),
        ("a < b at 0xdeadbeef", "a < b at 0xdeadbeef"),
        ("<object object at 0x7f00000000>", "<object object at id0>"),
        (
            "<bound method A.f of <__main__.A object at 0x7f01>>",
            "<bound method A.f of <__main__.A object at id0>>",
        ),
        (
            "<function <lambda> at 0x7f01> <a.B at 0x7f02> <a.B at 0x7f01>",
            "<function <lambda> at id0> <a.B at id1> <a.B at id0>",
        ),
        (
            '<code object f at 0x7f01, file "a.py", line 1>',
            '<code object f at id0, file "a.py", line 1>',
        ),
    ],
)
def test_only_addresses_of_objects_are_settled_in_text(printed, expected):
    outputs = stored(
        new_output("stream", text=printed), new_output("display_data", {"text/plain": printed})
    )
    assert outputs[0].text == outputs[1].data["text/plain"] == expected


def test_ids_of_elements_are_settled_in_html():
    html = f"<p id='a-{UUID}'>{OTHER}</p><label for='a-{UUID}'></label>&lt;a.B at 0x7f01&gt;"
    (output,) = stored(new_output("display_data", {"text/html": html}))
    assert (
        output.data["text/html"]
        == f"<p id='a-id1'>{OTHER}</p><label for='a-id1'></label>&lt;a.B at id0&gt;"
    )


def test_of_a_widget_its_text_is_stored():
    (output,) = stored(
        new_output("display_data", {WIDGET: {"model_id": "a"}, "text/plain": "IntSlider(value=0)"})
    )
    assert output.data == {"text/plain": "IntSlider(value=0)"}
