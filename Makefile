# Everything that this project does is one of these. `make help` lists them.
PYTHON ?= python3
VENV := .build/venv/bin
export PYTHONPATH := layers/sharemtc/python:agent/src

.PHONY: help run test check build openapi lock clean logs emails

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Set up what is missing, then run the whole system on this machine
	@$(PYTHON) infrastructure/local/setup.py
	@exec .build/cloud/bin/python -m infrastructure.local run

test: ## Set up what is missing, then run every test
	@$(PYTHON) infrastructure/local/setup.py --for test
	@cd webapp && npm test --silent
	@$(VENV)/python -m pytest -n 2 tests/unit tests/functions
	@$(VENV)/python -m pytest tests/agent tests/infrastructure tests/reliability tests/e2e

check: ## Lint, types, imports, template, OpenAPI drift, budgets
	@$(PYTHON) infrastructure/local/setup.py --for check
	@$(VENV)/ruff check . && $(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports
	@$(VENV)/cfn-lint template.yaml
	@$(VENV)/python -m infrastructure.openapi --check
	@cd webapp && npm run --silent lint && npm run --silent check:api && npm run --silent build && npm run --silent budget

build: ## Build the layers and the web console, as a deployment does
	@$(PYTHON) infrastructure/local/setup.py
	@.build/cloud/bin/python -m infrastructure.local build

openapi: ## Write infrastructure/openapi.json, the types and the client made from it
	@$(VENV)/python -m infrastructure.openapi
	@cd webapp && npm run --silent gen:api

lock: ## Resolve every dependency again and write the locks
	@.build/cloud/bin/python -m infrastructure.local lock --upgrade

logs: ## Follow the logs of what `make run` runs
	@.build/cloud/bin/python -m infrastructure.local logs -f

emails: ## Show the newest e-mails that `make run` wrote, with the links in them
	@.build/cloud/bin/python -m infrastructure.local emails

clean: ## Delete what was built; the state of `make run` stays
	rm -rf .build webapp/dist webapp/node_modules
