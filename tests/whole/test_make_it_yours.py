"""The page *Make it yours*, from outside: its files and the page itself in a book of somebody else's,
with this library installed and nothing else of this repository.
"""

import re
import shutil
import subprocess
import sys

import pytest
from minibook import FILES, ROOT, MiniBook

NAMES = """
from dataclasses import replace

from code_identity.definitions import definition_hash
from taskrnn.ensembles.network_files import folder
from taskrnn.experiments import Experiment
from taskrnn.networks.rate import RateNetwork
from taskrnn.training.settings import Training
from yours.delay import Delay
from yours.dimensionality import dimensionality
from yours.gated_network import GatedNetwork
from yours.sparse import L1
from yours.tanh_network import TanhNetwork

rate = RateNetwork(n_units=8, input_sd=1, bias_sd=1)
training = Training(penalties=(L1(strength=1.0),))
plain = Experiment(name="delay", task=Delay(), network=rate)
for experiment in (
    plain,
    replace(plain, network=TanhNetwork(n_units=8)),
    replace(plain, network=GatedNetwork(n_units=8)),
    replace(plain, training=training),
):
    print(folder(experiment, "data").name)
print(definition_hash(dimensionality))
"""


def identities(folder):
    """Names of the folders of networks with a task, a tanh network, a gated one, a penalty of one's
    own, and the hash of an analysis, in a process of their own.
    """
    done = subprocess.run(
        [sys.executable, "-c", NAMES],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "lib")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_one_writes_is_part_of_the_identity_of_what_it_makes(tmp_path):
    shutil.copytree(ROOT / "book" / "yours", tmp_path / "yours")
    before = identities(tmp_path)
    edits = {  # which of the five each changes
        "delay.py": ("np.roll(inputs, delay", "np.roll(inputs, 2 * delay", {0, 1, 2, 3}),
        "tanh_network.py": ("tf.tanh(x)", "tf.tanh(2 * x)", {1}),
        "dimensionality.py": ("** 2 /", "** 3 /", {4}),
        "gated_network.py": ("np.ones(n)", "np.zeros(n)", {2}),
        "sparse.py": ("axis=2", "axis=1", {3}),
    }
    texts = {name: (tmp_path / "yours" / name).read_text() for name in edits}
    for names in (
        ["delay.py"],
        ["tanh_network.py", "dimensionality.py"],
        ["gated_network.py", "sparse.py"],
    ):
        for name in names:
            edit(tmp_path / "yours" / name, *edits[name][:2])
        after = identities(tmp_path)
        changed = {i for i, pair in enumerate(zip(before, after, strict=True)) if len({*pair}) > 1}
        assert changed == set().union(*(edits[name][2] for name in names))
        for name in names:
            (tmp_path / "yours" / name).write_text(texts[name])
    for name, text in texts.items():
        (tmp_path / "yours" / name).write_text(text.replace('"""A', '"""In other words, a'))
    assert identities(tmp_path) == before


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Somebody else's book, with the page and its files."""
    book = MiniBook.create(tmp_path_factory.mktemp("mine"))
    shutil.copytree(ROOT / "book" / "yours", book.folder / "book" / "yours")
    shutil.copy(ROOT / "book" / "make_it_yours.md", book.folder / "book")
    book.write(
        "_toc.yml",
        FILES["_toc.yml"].replace("book/plain]", "book/plain, file: book/make_it_yours]"),
    )
    book.build("-W", "--keep-going", profile="smoke")
    return book


def test_the_page_shows_what_it_makes(book):
    page = re.sub(r"<[^>]+>", "", book.page("book/make_it_yours"))
    for words in (
        "Study of 2 networks of delay, delay-tanh, delay-gated",
        "class GatedNetwork(Network)",
        "landscape is not taken of delay: it needs a task of the kind ConstantInputTask, not Delay",
        "Training lowers the dimensionality of the activity",
    ):
        assert words in page
    without, with_l1 = map(
        float, re.search(r"'without': ([\d.]+), 'with': ([\d.]+)", page).groups()
    )
    assert with_l1 < without / 2
    (folders,) = [sorted(p.name for p in (book.folder / "data" / "ensembles").iterdir())]
    assert [re.sub("-[0-9a-f]{10}-[0-9a-f]{10}$", "", name) for name in folders] == [
        "delay",
        "delay-gated",
        "delay-sparse",
        "delay-tanh",
    ]


def test_an_edit_of_ones_own_file_trains_anew_and_nothing_else(book):
    def ensembles():
        return {path.name for path in (book.folder / "data" / "ensembles").iterdir()}

    before = ensembles()
    edit(book.folder / "book" / "yours" / "tanh_network.py", "tf.tanh(x)", "tf.tanh(0.9 * x)")
    book.build("-W", "--keep-going", profile="smoke")
    (new,) = ensembles() - before
    assert new.startswith("delay-tanh-")
