"""Numbers in the text of a page that are none: glued from code, they become a dash, whatever their
format makes of them.

The format stands in the text (`{glue:text}`name:.2f``) and is applied while the page is read, so
that the code which glues a number cannot say how it looks where there is none. This is an extension
of its own.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx

NO_NUMBER = re.compile(r"[+-]?(?:nan|inf)%?", re.IGNORECASE)
DASH = "–"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-resolved", put_dashes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def put_dashes(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Replace glued text that is a formatted NaN or infinity; glue of other pages is in the text by
    now.
    """
    for node in doctree.findall(nodes.inline):
        if "pasted-text" in node["classes"] and NO_NUMBER.fullmatch(node.astext()):
            node.children = []
            node += nodes.Text(DASH)
