# `make` alone lists what can be done.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := .venv/bin/python
T ?= tests
K ?=

help: ## List what can be done
	@awk 'BEGIN {FS = ":.*## "} /^## / {printf "\n%s\n", substr($$0, 4)} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## Use it
run: .venv/run.stamp ## Start the clinic in one process, with a demo clinic on first start (DEMO=0: an empty one)
	@exec $(PY) -m embedded run

stack: .venv/run.stamp ## Start every process of the scale-out form natively: Kafka, PostgreSQL, services, portal, check-in
	@exec $(PY) -m deploy.stack run

broker: .venv/run.stamp ## Start Apache Kafka alone, without Docker (needs Java 17 and Maven)
	@exec $(PY) -m deploy.kafka.broker run

smoke: .venv/run.stamp ## Drive the whole story, by API alone, against whichever stack is up
	@exec $(PY) -m deploy.smoke

secrets: .venv/run.stamp ## Make the secrets that docker-compose.yml asks for, in ./secrets
	@exec $(PY) -m deploy.secrets secrets

up: secrets ## Start everything with Docker Compose
	docker compose up --build --detach --wait

down: ## Stop what `make up` started; the data stays
	docker compose down

logs: ## Follow the logs of what `make up` started
	docker compose logs --follow

## Work on it
setup: .venv/dev.stamp ## Make the environment for development

test: .venv/dev.stamp ## Run all tests (T=tests/feedback for a part, K=rupture for names)
	@exec tests/run $(T) $(if $(K),-k "$(K)")

journeys: .venv/dev.stamp ## Run the browser tests alone
	@exec tests/run tests/journeys

faults: .venv/dev.stamp ## Run the tests that kill processes alone
	@exec tests/run tests/faults

interleavings: .venv/dev.stamp ## Simulate the event backbone for a minute, with seeds nobody has run (M=10: ten minutes)
	@exec $(PY) -m tests.simulation --minutes $(or $(M),1) --first $$(date +%s)

lint: .venv/dev.stamp ## Check style, types, imports and that generated pages are fresh
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m docs.generate --check

fix: .venv/dev.stamp ## Put right what tools can put right
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

audit: .venv/dev.stamp ## Ask the advisory database about every pinned part (needs the network)
	@exec $(PY) -m docs.supply_chain

sizes: .venv/dev.stamp ## Report how long modules and functions are, part by part
	@exec $(PY) -m docs.sizes

docs: .venv/dev.stamp ## Write the generated pages again
	$(PY) -m docs.generate

shots: .venv/dev.stamp ## Take the screenshots of docs/ again
	$(PY) -m docs.screenshots

bench: .venv/dev.stamp ## Measure, each figure beside a peer or a limit in the same run
	@exec $(PY) -m bench

simulation: .venv/dev.stamp ## Simulate courses and write docs/simulation.md anew (a few minutes)
	@exec $(PY) -m bench.simulation

lock: .venv/dev.stamp ## Resolve and pin all dependencies again (U=1: newest versions)
	.venv/bin/pip install --quiet uv
	PATH="$(CURDIR)/.venv/bin:$$PATH" locks/compile $(if $(U),--upgrade)

clean: ## Remove the environment and everything built; the clinic's data in ./var stays
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache deploy/kafka/lib

.venv/run.stamp: locks/embedded.txt pyproject.toml
	@deploy/environment locks/embedded.txt && touch $@

.venv/dev.stamp: locks/dev.txt pyproject.toml
	@deploy/environment locks/dev.txt && touch .venv/run.stamp $@

.PHONY: help run stack broker smoke secrets up down logs setup test journeys faults interleavings lint fix audit sizes docs shots bench simulation lock clean
