"""Numbers in the prose are what their expressions say when the chapter has run; lines under figures
say what made them.
"""

import json
import re

import pytest
from minibook import DOT, FILES, PLAIN_HEADER, chapter
from myst_parser.config.main import MdParserConfig

from executable_book.chapter import read_chapter
from executable_book.errors import BookError
from executable_book.expressions import in_prose, values
from executable_book.runner import execute

CODE = 'open("../runs.txt", "a").write("extra ")\nx, nothing = 2.5, float("nan")'
PAGE = chapter(CODE).replace(
    "# Extra\n",
    "# Extra\n\nBefore, {eval}`f\"{x:+.1f}\"`, **{eval}`'*a* <b>_c_'`** and {eval}`f'{nothing:.1f} "
    "to {x:.0f}'`.\n",
)


def extra(folder, text):
    (folder / "extra.md").write_text(text)
    return read_chapter("extra", folder / "extra.md", config=MdParserConfig())


def run(page, folder):
    options = {
        "parameters": {},
        "environment": {},
        "time_limit": 60,
        "source": folder,
        "folder": folder,
    }
    return execute(page, **options)[0]


def test_a_page_shows_values_as_text_above_the_code_that_computes_them(built):
    with built.with_page("book/extra", PAGE):
        assert built.build("-W", "--keep-going") == ["extra"]
        html = built.page("book/extra")
        assert (
            ">+2.5</span>" in html
            and ">*a* &lt;b&gt;_c_</span></strong>" in html
            and ">– to 2</span>" in html
        )
        assert "_book_value" not in html and "eval" not in html
        notebook = json.loads(built.read("_build/html/_sources/book/extra.ipynb"))
        said = notebook["cells"][0]["metadata"]["user_expressions"][0]
        assert said == {
            "expression": 'f"{x:+.1f}"',
            "result": {"status": "ok", "data": {"text/plain": "'+2.5'"}, "metadata": {}},
        }


def test_a_changed_expression_runs_the_chapter_and_a_changed_word_does_not(built):
    with built.with_page("book/extra", PAGE):
        built.build()
        built.write("book/extra.md", PAGE.replace("Before", "Above"))
        assert built.build() == [] and "Above, " in built.page("book/extra")
        built.write("book/extra.md", PAGE.replace("x:+.1f", "x:+.2f"))
        assert built.build() == ["extra"] and ">+2.50</span>" in built.page("book/extra")


def test_an_expression_without_a_value_is_located(tmp_path):
    page = extra(
        tmp_path,
        chapter("y = 1").replace(
            "# Extra\n", "# Extra\n\nA line\nwith {eval}`y` and {eval}`z + 1`.\n"
        ),
    )
    executed = run(page, tmp_path)
    line = page.text.splitlines().index("with {eval}`y` and {eval}`z + 1`.") + 1
    with pytest.raises(
        BookError,
        match=rf"extra.md:{line}: z \+ 1 has no value: NameError: name 'z' is not defined",
    ):
        values(page, executed)


def test_code_that_shows_the_role_is_not_evaluated(tmp_path):
    shown = "```md\n{eval}`z`\n```\n\nWrite ``{eval}`z` ``.\n"
    assert not list(in_prose(extra(tmp_path, chapter("1") + shown).notebook))


@pytest.mark.parametrize(
    "text",
    [
        "# Extra\n\nPlain {eval}`1 + 1`.\n",
        chapter("1").replace("# Extra\n", "# Extra\n\nOver {eval}`1 +\n1`.\n"),
        FILES["book/figures.md"].replace("A dot.", "A {eval}`1 + 1` dot.").replace("fig-", "pic-"),
    ],
)
def test_an_expression_that_nobody_evaluates_is_refused(built, text):
    with built.with_page("book/extra", text):
        done = built.command("build", ".")
    assert done.returncode == 1 and "would not be evaluated here" in done.stderr, done.stderr
    assert "book/extra.md:" in done.stderr


def test_the_line_under_a_figure_names_the_function_that_made_it(built):
    built.build()
    html = built.page("book/figures")
    lines = re.findall(r'<p class="provenance">(.*?)</p>', html)
    assert len(lines) == 2
    for line in lines:
        said = r"Made by display\. Download: <a href=\S+ download>PNG</a>\. To make it alone: "
        assert re.fullmatch(said + r"<code>BOOK_FIGURE=fig-\w+ jupyter-book build \.</code>", line)
    assert html.index('alt="One dot"') < html.index("Made by display") < html.index("One point in")


def test_a_figure_without_a_call_has_a_line_too(tmp_path):
    options = "---\nmystnb:\n  figure:\n    caption: A dot.\n    name: fig-x\n  image:\n    alt: dot\n---\n"
    (tmp_path / "lib").mkdir()
    (tmp_path / "extra.md").write_text(chapter(f"{options}figure = '{DOT}'"))
    page = read_chapter(
        "extra", tmp_path / "extra.md", config=MdParserConfig(), line="builtins.repr"
    )
    assert "None" in values(page, run(page, tmp_path)).values() and PLAIN_HEADER in page.text
