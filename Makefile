# Every command of the project; `make` alone lists them. What is longer than a line is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-unit test-cluster lint accuracy fuzz bench models print-demo-models clean

# The demo's variables, as the user wrote them: $(value) keeps a '$' in a file name, the environment keeps spaces and quotes.
override SOURCE := $(value SOURCE)
override MODELS := $(value MODELS)
override DEMO_STORE := $(value DEMO_STORE)
override CALLED_FROM := $(value PWD)
export SOURCE MODELS DEMO_STORE DEMO_SERVE PORT CALLED_FROM FUZZ_MINUTES

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-18s %s\n", $$1, $$2}' Makefile

setup: # .venv from uv.lock; part of every other target
	@scripts/setup

demo: setup ## the sample debate, from video to page (SOURCE=<file> MODELS=<folder or name> for your own; DEMO_SERVE=0, DEMO_STORE, PORT)
	@exec .venv/bin/python scripts/demo.py

test: setup ## everything: lint, unit, store, the sample, accuracy, the page in a browser, the demo in a fresh clone
	@scripts/system-packages
	@exec .venv/bin/pytest --durations=15

test-unit: setup ## tests/unit alone
	@exec .venv/bin/pytest tests/unit

test-cluster: setup ## tests/cluster alone: a real Kubernetes (kind) with the real images; it stays for the next time
	@scripts/system-packages
	@exec .venv/bin/pytest tests/cluster

lint: setup ## ruff, mypy, import-linter, published schemas
	@scripts/lint

images: ## the container images, and their sizes (docs/container-images.md: private indexes, certificates, proxies)
	@scripts/images

kind: setup ## a cluster on this machine with everything in it: images, chart, an S3 server, the page on KIND_PORT (8080)
	@scripts/kind/deploy

kind-down: ## deletes that cluster
	@scripts/kind/down

fuzz: setup ## every reader of documents, for FUZZ_MINUTES (10): what it was given, and what came out that is no typed error
	@exec .venv/bin/python tests/fuzz/fuzz_run.py

accuracy: export PYTHONPATH := models
accuracy: setup ## who said what, on unseen debates, beside the usual way with the same models; 15 minutes
	@scripts/system-packages
	@exec .venv/bin/python tests/accuracy/accuracy.py

# Exit code 69 (EX_UNAVAILABLE): what it measures is not here, such as a GPU; its line says so.
bench: setup ## the figures of the README; those of the operator in the cluster of `make kind`
	@failed=0; for benchmark in benchmarks/*.py; do .venv/bin/python "$$benchmark" || [ $$? = 69 ] || failed=1; echo; done; exit $$failed

models: export PYTHONPATH := models
models: setup ## the demo models again from their kept weights, byte for byte
	.venv/bin/python -m demo_models.asr.convert models/weights/whisper.pt examples/models/debate-analyzer/whisper-demo@1
	.venv/bin/python -m demo_models.diarization.pipeline models/weights examples/models/debate-analyzer/diarization-demo@1
	.venv/bin/python -m demo_models.index examples/models

print-demo-models: ## what --models takes for the demo models
	@echo "$$PWD/examples/models"

clean: ## removes .venv and caches, neither the demo's store nor the downloads in ~/.cache
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
