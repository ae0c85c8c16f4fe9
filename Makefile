# Everything a person or a machine does with this project starts here; the work itself is in scripts/.

SWIFT       ?= swift
# Every import must be a declared dependency: an arrow that Package.swift does not draw does not build.
BUILD_FLAGS := --explicit-target-dependency-import-check error
# Swift's libraries go into the binary: its start takes half as long, and it needs no Swift where it runs.
RELEASE_FLAGS := --static-swift-stdlib
HYPJOBS     := .build/release/hypjobs
ROUNDS      ?= 20
FUZZ_SECONDS ?= 120

export SWIFT BUILD_FLAGS RELEASE_FLAGS

.DEFAULT_GOAL := help
.PHONY: help deps build demo test ci crash chaos fuzz bench format lint clean

help: ## List what can be made
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

deps: ## Install the Debian packages that are missing, and nothing else
	@scripts/dependencies build

build: deps ## Build the release binary, .build/release/hypjobs
	$(SWIFT) build -c release --product hypjobs $(BUILD_FLAGS) $(RELEASE_FLAGS)

demo: build ## Run 200 executions of the programs in jobs/ in a fresh .demo/
	@scripts/demo $(HYPJOBS)

test: ## Run everything that CI runs
	@scripts/test

ci: ## Run CI as it is run elsewhere: bash .ci/run
	@bash .ci/run

crash: build ## Kill workers at ROUNDS=20 random moments and prove that nothing is lost
	@scripts/dependencies test
	@Tests/Crash/kill-workers.py $(HYPJOBS) --rounds $(ROUNDS)

chaos: build ## Make all kinds of trouble, each once or ROUNDS in all, for a fleet on PostgreSQL
	@scripts/dependencies test
	@Tests/Crash/chaos.py $(HYPJOBS) $(if $(filter command line environment,$(origin ROUNDS)),--rounds $(ROUNDS))

fuzz: deps ## Feed both languages with what nobody wrote, for FUZZ_SECONDS=120
	$(SWIFT) build -c release --product hypfuzz $(BUILD_FLAGS)
	.build/release/hypfuzz --seconds $(FUZZ_SECONDS)

bench: build ## Measure the rates and times that Benchmarks/README.md holds
	@scripts/dependencies test
	@Benchmarks/run $(HYPJOBS)
	@Benchmarks/fleet $(HYPJOBS)
	@Benchmarks/language/run $(HYPJOBS)
	$(SWIFT) build -c release --product hypmachine $(BUILD_FLAGS) $(RELEASE_FLAGS)
	@.build/release/hypmachine figures

format: ## Lay all Swift source out as .swift-format says
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks

lint: ## Say what 'make format' would change, and change nothing
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks

clean: ## Remove what was built and what the demo left
	rm -rf .build .demo
