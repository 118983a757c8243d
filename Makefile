# promptd: `make demo` shows the main job, `make test` runs every test, `make run` serves.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# The manifest turns exclusivity checks off for our own targets (docs/decisions/speed.md), this for all.
BUILD_RELEASE := swift build -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked
RELEASE := .build/release
BENCH := Benchmarks/.build/release/promptd-bench

SOURCES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Tests

# Where `make install` puts things: PREFIX=/usr/local by default, below DESTDIR.
export DESTDIR PREFIX

.PHONY: help setup build test simulate fuzz sanitize trials sdk-test system-test check bench bench-quick bench-inside \
  bench-build bench-test format demo run install deb clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the C libraries that are missing
	@scripts/setup

build: setup ## the release programs, in .build/release
	$(BUILD_RELEASE)

# Some tests make certificates, run a journal of their own, and look at a terminal and at shells.
test: ## every test
	@scripts/setup openssl systemd tmux zsh fish
	swift build --build-tests
	swift test --skip-build

simulate: ## a million events for the queue, after each of which everything must agree
	swift build --build-tests
	PROMPTD_EVENTS=1000000 swift test --skip-build --filter BrokerInvariantTests

SECONDS_EACH := $(or $(SECONDS),60)
fuzz: setup ## feed every parser for SECONDS each (60), with libFuzzer and the address sanitizer
	scripts/fuzz $(SECONDS_EACH)

sanitize: setup ## every test under the thread and the address sanitizer
	@scripts/setup openssl systemd tmux zsh fish
	scripts/sanitize thread
	scripts/sanitize address

trials: build ## kill -9, failing disks, hostile clients, an hour's soak …: docs/reliability.md
	@scripts/setup gcc
	python3 -B Tests/Trials/run.py $(RELEASE)

sdk-test: build ## the openai package against the release programs
	scripts/sdk-test $(RELEASE)

system-test: deb ## the package in a booted Debian, with real users, systemd and journal; needs root
	@scripts/setup debootstrap systemd-container
	scripts/system-test

check: setup ## format, warnings as errors, imports
	scripts/check

# Peers are measured where they are installed: redis-server, redis-tools, nginx.
bench: bench-build ## what promptd costs beside its floors and peers: docs/performance.md
	$(BENCH) compare

bench-quick: bench-build ## the ratios that a change may move, in half a minute
	$(BENCH) quick

bench-inside: build ## what single steps cost: keys, queue, cache, streams
	$(RELEASE)/microbenchmarks

bench-build: build
	@scripts/setup libssl-dev
	swift build -c release --package-path Benchmarks

bench-test: ## the tests of what measures
	@scripts/setup libssl-dev
	PROMPTD_WARNINGS_ARE_ERRORS=1 swift build --build-tests --package-path Benchmarks \
	  --explicit-target-dependency-import-check error
	swift test --skip-build --package-path Benchmarks

format: ## rewrite the sources in the project's format
	swift format --in-place --recursive --parallel $(SOURCES)

demo: build ## the main job, shown in a temporary folder
	scripts/demo $(RELEASE)

run: build ## serve in the foreground until Ctrl-C
	scripts/run $(RELEASE)

install: ## the release programs, units, man pages, … (DESTDIR= PREFIX=/usr/local)
	scripts/install $(RELEASE)

deb: build ## dist/promptd_VERSION_ARCH.deb, for the release that it is made on
	@scripts/setup dpkg-dev
	scripts/deb $(RELEASE)

clean: ## everything that was built
	rm -rf .build Benchmarks/.build dist
