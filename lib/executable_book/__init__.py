"""A book that computes: jupytext chapters, executed by papermill when they are stale, compiled by
Jupyter Book.

`jupyter-book build .` does everything. Before Sphinx reads a page, stale chapters are run in the
order of the table of contents (`runner`) and stored under the hash of what they depend on (`keys`,
`store`); then every page is made of the chapter's present prose and its stored outputs (`reader`,
`figures`), and written with what a reader needs to judge it (`pages`). Nothing here knows what the
book is about.
"""

from executable_book.extension import setup

__all__ = ["setup"]
