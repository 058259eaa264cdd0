# Everything runs in .venv, which `make install` alone sets up.
.DEFAULT_GOAL := help
.PHONY: help install demo demo-all test lint lock clean
BIN := .venv/bin

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

install: ## .venv, packages and tesseract; nothing to do the second time
	@bash deploy/install.sh

demo demo-all test: export QWEN_BATCH_WITH_MODEL = 1

demo: install ## one job over six documents with the real model: first row in five minutes
	@bash deploy/demo.sh

demo-all: install ## two jobs over all of data/samples with the real model, and tables of the results
	@bash deploy/demo_all.sh

lint: install ## ruff, mypy --strict and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## lint, fetch the model, then every test
	$(BIN)/qwen-batch model pull
	@bash deploy/browser.sh
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest

lock: install ## compile requirements/*.txt again from pyproject.toml
	@bash deploy/lock.sh

clean: ## remove .venv, caches and out/; the model and the wheels stay in the user's cache folder
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache *.egg-info
