"""How the chapters were run, and whether what the pages show belongs to what is there now."""

import json
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from executable_book.book import Book
from executable_book.errors import BookError
from executable_book.store import recorded_checksum, replace

SHOWN = ".outputs-shown.json"  # in the folder of the pages: the outputs that they show


def write_run(stored: Path, *, seconds: float, peak: float | None) -> None:
    """Note beside an executed chapter when it was run, how long it took, and its peak of memory in
    MB.
    """
    finished = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    run = {"finished": finished, "seconds": round(seconds, 1), "peak": peak}
    replace(run_path(stored), (json.dumps(run) + "\n").encode())


def run_path(stored: Path) -> Path:
    """Where that lies."""
    return stored.with_suffix(".run.json")


def as_table(book: Book) -> str:
    """HTML: every chapter in the order of the book, its run, and its key."""
    rows, total = [], 0.0
    for docname in book.chapters:
        path = run_path(book.stored(docname))
        run = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        total += run.get("seconds", 0)
        peak = f"{run['peak']:.0f}" if run.get("peak") else "-"
        link = f'<a href="{"../" if docname.count("/") == 0 else ""}{Path(docname).name}.html">'
        rows.append(
            [
                f"{link}{escape(docname)}</a>",
                run.get("finished", "-"),
                str(run.get("seconds", "-")),
                peak,
                f"<code>{book.keys[docname].full}</code>",
            ]
        )
    rows.append(["all", "-", f"{total:.1f}", "-", "-"])
    header = ("chapter", "run", "seconds", "memory (MB)", "key")
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f"<th>{name}</th>" for name in header)
    return f'<table class="table runs"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def foot(book: Book, docname: str) -> str:
    """What stands at the end of a chapter's page."""
    parameters = ", ".join(f"{name} {value}" for name, value in book.parameters[docname].items())
    return (
        "The results on this page belong to its present text and code, to the library, the data "
        f"and the packages of this build{f' ({parameters})' if parameters else ''}; their key is "
        f"{book.keys[docname].full}."
    )


def shown(book: Book) -> str:
    """What the pages show when they are written: the banner, and the outputs of each chapter."""
    outputs = {name: recorded_checksum(book.stored(name)) for name in book.chapters}
    return json.dumps([book.banner, outputs], sort_keys=True)


def is_shown(book: Book, pages: Path) -> bool:
    """Whether the pages in this folder show what the chapters have computed."""
    record = pages / SHOWN
    return record.is_file() and record.read_text(encoding="utf-8") == shown(book)


def require_fresh(book: Book, pages: Path) -> None:
    """BookError that names the chapters whose results, or pages, are out of date."""
    if stale := [chapter.docname for chapter in book.stale]:
        raise BookError(
            f"{len(stale)} of {len(book.chapters)} chapters are out of date: {', '.join(stale)}; "
            "jupyter-book build . runs them."
        )
    if not is_shown(book, pages):
        raise BookError(
            f"The pages in {pages} do not show the present results; jupyter-book build . writes "
            "them."
        )
