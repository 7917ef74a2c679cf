"""What pages that are gone have left in the output folders, from where other pages and readers
would still take it.
"""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

GLUE = ".glue.json"


def remove(app: Sphinx) -> None:
    """Remove the glued values, the HTML and the source of pages that are not in the table of
    contents any more.
    """
    values = Path(app.env.mystnb_config.output_folder)
    for path in values.rglob(f"*{GLUE}"):
        if path.relative_to(values).as_posix().removesuffix(GLUE) not in app.env.found_docs:
            path.unlink()
    outputs = Path(app.outdir)
    for path in list((outputs / "_sources").rglob("*.*")):
        name = path.relative_to(outputs / "_sources").as_posix()
        if not any(name.startswith(f"{docname}.") for docname in app.env.found_docs):
            path.unlink()
            docname = name.removesuffix(".txt").rpartition(".")[0]
            for page in (outputs / f"{docname}.html", outputs / docname / "index.html"):
                page.unlink(missing_ok=True)


def forget_glue(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Remove the glued values of a page that is read again: it may glue none now, and then no file
    replaces the old one.
    """
    Path(env.mystnb_config.output_folder, f"{docname}{GLUE}").unlink(missing_ok=True)
