"""In which order are chapters run? As in the table of contents, but after those whose results they
read.
"""

from collections.abc import Sequence

from executable_book.chapter import Chapter
from executable_book.errors import BookError


def run_order(chapters: Sequence[Chapter]) -> list[Chapter]:
    """The chapters in the given order, except that each comes after those it names in `after`.

    Raises
    ------
    BookError
        If `after` names no chapter, or chapters wait for each other.
    """
    named = {chapter.docname: chapter for chapter in chapters}
    ordered: list[Chapter] = []

    def visit(chapter: Chapter, waiting: tuple[str, ...]) -> None:
        if chapter.docname in waiting:
            circle = [*waiting[waiting.index(chapter.docname) :], chapter.docname]
            raise BookError(
                f"`after` goes in a circle: {' after '.join(circle)}; remove one of them."
            )
        if chapter in ordered:
            return
        for name in chapter.after:
            if name not in named:
                others = ", ".join(named)
                raise BookError(
                    f"{chapter.docname}.md: `after` names {name!r}, which is no chapter; the "
                    f"chapters are {others}."
                )
            visit(named[name], (*waiting, chapter.docname))
        ordered.append(chapter)

    for chapter in chapters:
        visit(chapter, ())
    return ordered
