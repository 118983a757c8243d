# promptd: `make demo` shows the main job, `make test` runs every test, `make run` serves.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BUILD_RELEASE := swift build -c release --static-swift-stdlib
RELEASE := .build/release

.PHONY: help setup build test sdk-test check format demo run clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the C libraries that are missing
	@scripts/setup

build: setup ## the release programs, in .build/release
	$(BUILD_RELEASE)

# Some tests make certificates, and run a journal of their own.
test: ## every test
	@scripts/setup openssl systemd
	swift build --build-tests
	swift test --skip-build

sdk-test: build ## the openai package against the release programs
	scripts/sdk-test $(RELEASE)

check: setup ## format, warnings as errors, imports
	scripts/check

format: ## rewrite the sources in the project's format
	swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

demo: build ## the main job, shown in a temporary folder
	scripts/demo $(RELEASE)

run: build ## serve in the foreground until Ctrl-C
	scripts/run $(RELEASE)

clean: ## everything that was built
	rm -rf .build
