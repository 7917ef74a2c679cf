"""Books for the tests."""

import pytest
from minibook import MiniBook


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A miniature book, built once; a test that changes its files puts them back, and builds before
    it reads pages.
    """
    book = MiniBook.create(tmp_path_factory.mktemp("a book"))
    assert book.build("-W", "--keep-going", "-n") == ["numbers", "index", "figures"]
    return book
