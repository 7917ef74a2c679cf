# Two commands do everything: `make book` and `make test`. Both make the environment first, if it is missing or out of date.

# The first Python that will do; `make book PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: smoke book test check fresh figure lab bench further large thousand readings pdf archive verify unpack cluster lock

# SEEDS=1000 takes the networks from number 1000 on instead of the first ones; DATA=archive.tar begins with what is in an archive.
book: .venv/installed
	$(if $(DATA),$(MAKE) unpack ARCHIVE=$(DATA))
	$(if $(SEEDS),TASKRNN_PROFILE=$(or $(TASKRNN_PROFILE),paper)@$(SEEDS)) $(BIN)/jupyter-book build .
	@echo "The book: $$PWD/_build/html/index.html"

# The whole book with two small networks per task: does everything work here?
smoke: .venv/installed
	TASKRNN_PROFILE=smoke $(BIN)/jupyter-book build .
	@echo "The smoke book, whose numbers are not the paper's: $(CURDIR)/_build/html/index.html"

test: .venv/installed
	$(BIN)/python -m pytest

# Format, lint and types, as CI asks for them.
check: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e ".[dev]"
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Does what the pages show belong to the present code, parameters, data and packages? It runs nothing.
fresh: .venv/installed
	BOOK_ASK=1 $(BIN)/jupyter-book build .

# The book as one PDF, printed by Chromium.
pdf: book
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e ".[pdf]"
	$(BIN)/python -m executable_book.pdf _build/html _build/book.pdf

# One figure alone, as a drawing, an image and a table: `make figure NAME=fig-readout`.
figure: .venv/installed
	BOOK_FIGURE=$(or $(NAME),$(error Which one? make figure NAME=fig-readout)) $(BIN)/jupyter-book build .

lab: .venv/installed
	$(BIN)/jupyter lab --config=.jupyter/lab_config.py --notebook-dir=.

# Networks and results as one file with a checksum of each: make it, look whether it is whole, take what is missing here from it.
archive verify unpack: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e ".[archive]"
	$(BIN)/python -m results.archive $(@:archive=make) $(or $(ARCHIVE),archive.tar)

# Dask, for training on a cluster.
cluster: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e ".[cluster]"

# About 40 minutes; what is compared with is not needed by anything else. pip 24.1 and later refuse PsychRNN's metadata.
bench: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip<24.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps psychrnn==1.0.0
	$(BIN)/python -m benchmarks

# Two hours: the paper's book without what is kept of the further studies, which is then kept anew.
further: .venv/installed
	rm -f results/further.tar.xz
	TASKRNN_PROFILE=paper $(BIN)/jupyter-book build .
	$(BIN)/python -m results.further

# More than an hour: a hundred networks of each task through every measure and claim. `make large ON="--on slurm --jobs 20"`
# computes on a cluster.
large: .venv/installed
	$(BIN)/python -m results.large $(ON)

# An hour: a thousand networks of one task, for the claims that need no search.
thousand: .venv/installed
	$(BIN)/python -m results.thousand

# Hours: every claim under every reading of the note.
readings: .venv/installed
	$(BIN)/python -m results.readings

# The full lock, from the direct dependencies in pyproject.toml: one for Linux, macOS and Windows and for every Python that
# the book runs on. What is locked stays as it is where it still fits. No installed environment is needed, so a pin that
# contradicts the old lock can be changed.
lock:
	test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --python $(BIN)/python --no-python-downloads \
		--no-header --annotation-style line --output-file requirements.txt pyproject.toml
	# PyTorch's GPU libraries come with its GPU build and are forced on nobody. A build's label is not part of a version
	# that everyone can get.
	sed -i.old -E -e '/^((nvidia|cuda)-[a-z0-9-]+|triton)==/d' -e 's/^([^#]*==[0-9.]+)\+[a-z0-9.]+/\1/' \
		requirements.txt && rm requirements.txt.old
	printf -- '-e .\n' >> requirements.txt

.venv/installed: requirements.txt pyproject.toml
	@"$(or $(PYTHON),false)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { \
		echo "This book needs Python 3.11, 3.12 or 3.13, and $(or $(PYTHON),no python3 on the path) is none of them;" \
		"install one or name it: make book PYTHON=/path/to/python3.12" >&2; exit 1; }
	"$(PYTHON)" -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@
