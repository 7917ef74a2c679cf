"""How a book was made: the runs of its chapters, the numbers of its figures, and whether its pages are those of the present."""

import json
import re
from base64 import b64decode

from minibook import DOT, chapter

RUNS = "# Made\n\n```{book-runs}\n```\n"
OPTIONS = "mystnb:\n  figure:\n    caption: A dot.\n    name: fig-own\n  image:\n    alt: A dot"
CELL = f"---\n{OPTIONS}\n---\nfrom base64 import b64decode\nfrom IPython.display import Image\n\nImage(b64decode('{DOT}'))"


def ask(built):
    """What the build says that only asks; nothing runs."""
    built.write("runs.txt", "")
    done = built.command("build", ".", environment={"BOOK_ASK": "1"})
    assert built.read("runs.txt") == ""
    return done.returncode, done.stdout + done.stderr


def test_the_files_of_a_figure_lie_beside_its_page(built):
    page = chapter(CELL)
    with built.with_page("book/extra", page):
        built.build("-W", "--keep-going", "-n")
        html = built.page("book/extra")
        (link,) = re.findall(r'href="([^"]*\.csv)"', html)
        assert link == "../_figures/book/extra-fig-own.csv"
        # The cell's own value, and numbers that are none as they are written for a reader.
        assert built.read("_build/html/_figures/book/extra-fig-own.csv").startswith("x,y\nImage,")
        assert '<a href="../_figures/book/extra-fig-own.png" download>PNG</a>' in html
        image = built.folder / "_build" / "html" / "_figures" / "book" / "extra-fig-own.png"
        assert image.read_bytes() == b64decode(DOT)
        assert "Made by Image." in re.search(r"<details class=.provenance.*?</details>", html)[0]
    built.build()
    # Where nothing is the value of the cell the image alone is there.
    assert ".csv" not in built.page("book/figures") and ">PNG</a>" in built.page("book/figures")


def test_one_figure_is_made_alone(built):
    later = CELL.replace("fig-own", "fig-later").replace("Image(", "raise OSError(")
    page = chapter("x = 1", CELL, later) + "\n{eval}`y`\n"
    with built.with_page("book/extra", page):
        done = built.command("build", ".", environment={"BOOK_FIGURE": "fig-own"})
        assert done.returncode == 0, done.stdout + done.stderr
        made = built.folder / "_build" / "figures" / "book"
        assert sorted(path.name for path in made.iterdir()) == [
            "extra-fig-own.csv",
            "extra-fig-own.png",
        ]
        assert (made / "extra-fig-own.png").read_bytes() == b64decode(DOT)
        done = built.command("build", ".", environment={"BOOK_FIGURE": "fig-later"})
        assert done.returncode and "book/extra.md:" in done.stdout + done.stderr
        done = built.command("build", ".", environment={"BOOK_FIGURE": "fig-none"})
        assert done.returncode and "it has fig-" in done.stdout + done.stderr


def test_a_table_has_the_run_and_the_key_of_every_chapter(built):
    with built.with_page("book/extra", RUNS):
        built.build("-W", "--keep-going", "-n")
        rows = re.findall(r"<tr>(.*?)</tr>", built.page("book/extra"))
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows[1:]]
    assert [re.sub("<.*?>", "", row[0]) for row in cells] == [
        "book/numbers",
        "index",
        "book/figures",
        "all",
    ]
    kept = sorted((built.folder / "data" / "chapters").rglob("*.run.json"))
    seconds = {json.loads(path.read_text())["seconds"] for path in kept}
    for _, finished, took, memory, key in cells[:-1]:
        assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d UTC", finished)
        assert float(took) in seconds and 20 < float(memory) < 2000
        name = re.sub("<.*?>", "", key)
        assert list((built.folder / "data" / "chapters").rglob(f"*-{name}.ipynb"))
    assert float(cells[-1][2]) == round(sum(float(row[2]) for row in cells[:-1]), 1)
    built.build()
    assert name in built.page("book/figures")  # and at the foot of the page


def test_what_is_out_of_date_is_named_and_nothing_runs(built):
    built.build()
    assert ask(built)[0] == 0
    text = built.read("lib/mini/other.py")
    try:
        built.write("lib/mini/other.py", text.replace("2", "3"))
        code, said = ask(built)
        assert code == 1 and "1 of 3 chapters are out of date: book/figures;" in said
    finally:
        built.write("lib/mini/other.py", text)
    assert ask(built)[0] == 0
    (built.folder / "_build" / "html" / ".outputs-shown.json").unlink()
    code, said = ask(built)
    assert code == 1 and "do not show the present results" in said
    built.build()
