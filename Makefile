# promptd: `make demo` shows the main job, `make test` runs every test, `make run` serves.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BUILD_RELEASE := swift build -c release --static-swift-stdlib
RELEASE := .build/release

.PHONY: help setup build test simulate sdk-test check bench format demo run clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the C libraries that are missing
	@scripts/setup

build: setup ## the release programs, in .build/release
	$(BUILD_RELEASE)

# Some tests make certificates, and run a journal of their own.
test: ## every test
	@scripts/setup openssl systemd
	swift build --build-tests
	swift test --skip-build

simulate: ## a million events for the queue, after each of which everything must agree
	swift build --build-tests
	PROMPTD_EVENTS=1000000 swift test --skip-build --filter BrokerInvariantTests

sdk-test: build ## the openai package against the release programs
	scripts/sdk-test $(RELEASE)

check: setup ## format, warnings as errors, imports
	scripts/check

bench: build ## what the queue costs
	$(RELEASE)/promptd-bench

format: ## rewrite the sources in the project's format
	swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

demo: build ## the main job, shown in a temporary folder
	scripts/demo $(RELEASE)

run: build ## serve in the foreground until Ctrl-C
	scripts/run $(RELEASE)

clean: ## everything that was built
	rm -rf .build
