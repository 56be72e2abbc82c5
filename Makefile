# The commands of this repository. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run desktop desktop-deb test lint bench generate clean-run

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build and start server, agent and demo hosts on this machine, and print a sign-in link
	@scripts/run.sh

desktop: ## Build and open the desktop: terminals, files and scans, without an account
	@scripts/desktop.sh run

desktop-deb: ## Build the desktop as .deb and .rpm
	@scripts/desktop.sh packages

test: ## Everything a merge must pass: web, lint, Rust and browser tests
	@scripts/test.sh

lint: ## Layers, format, spelling, dependencies, advisories, clippy and generated files, without the tests
	@. scripts/lib.sh && use_tools && cargo xtask ci

bench: ## Measure collecting against peers on the same work (bench/collect; as root)
	@python3 bench/collect/run.py

generate: ## Rewrite what is generated from the code (docs/reference, the browser's API types)
	@. scripts/lib.sh && use_tools && cargo xtask generate

clean-run: ## Forget everything that `make run` keeps (.local/run)
	@rm -rf .local/run && echo "Removed .local/run"
