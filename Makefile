# The front door. `make help` lists what it opens.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VITEST := node_modules/.bin/vitest run --config test/vitest.config.ts
TILEWRIGHT := node dist/cli/main.js
BASE ?= HEAD
SOURCES := $(shell find compiler -name '*.ts')

.PHONY: help setup packages build demo test check conformance test-networks test-system test-torchvision bench-kernels bench-tuner tuner-tables shipped-records bench-tuning bench-first-minute check-race check-kills check-queue-kills bench-operators bench-networks bench-groups bench-compiler bench-frames bench-schedule fit-boards check-estimates test-long replay test-schedules test-layers test-fuzz check-cycles check-link repeat-faults faults check-noise check-gate mutations golden readme screenshots clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: packages build ## install everything needed and build

packages:
	@.ci/setup

build: dist/.built

# Install scripts are skipped: none is needed, and some download parts for graphics cards.
node_modules/.package-lock.json: package-lock.json package.json
	@node -e 'if (parseInt(process.versions.node) < 20) { console.error("setup: Node 20 or newer is needed, this is " + process.version); process.exit(1) }'
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

dist/.built: node_modules/.package-lock.json tsconfig.json $(SOURCES)
	rm -rf dist
	node_modules/.bin/tsc -p tsconfig.json
	@touch $@

demo: setup ## compile, deploy over SSH, time and verify a trained network on an emulated board
	@test/scripts/demo.sh

test: setup ## every test, the emulated boards included; ends with "N passed, N failed"
	@node test/scripts/run-tests.mjs

check: setup ## the fast part: types, lint, tests that need no emulation
	@node test/scripts/run-tests.mjs --fast

conformance: setup ## ONNX's own backend tests, compiled and run here (ARGS="--reference --only PATTERN --every N --board NAME --json --update")
	@node test/scripts/conformance.mjs $(ARGS)

test-networks: setup ## whole networks at 224x224 against ONNX Runtime, by tilewright test (long; ARGS="--case NAME")
	@$(TILEWRIGHT) test test/suites/networks.yaml $(ARGS)

test-system: build ## two whole emulated machines, Debian's kernel and dropbear on them: detection, doctor, runs (fetches 65 MB by apt the first time)
	@command -v qemu-system-aarch64 dropbearkey > /dev/null || { echo "test-system: install qemu-system-arm and dropbear-bin" >&2; exit 1; }
	TILEWRIGHT_SYSTEM=1 timeout -k 10 1800 $(VITEST)

test-torchvision: setup ## torchvision's networks as PyTorch exports them, against ONNX Runtime, results and times (long; ARGS="--json --update --turns N NAME")
	@node test/scripts/torchvision.mjs $(ARGS)

bench-networks: setup ## whole networks beside the peers: cycles of modelled cores, what layers lose (OUT=f.json BASELINE=earlier.json ARGS="--counts --host MODEL")
	@node test/scripts/bench-networks.mjs $(ARGS)

bench-operators: setup ## operators beside ONNX Runtime, natively, one thread (OUT=f.json ARGS="TEXT ...")
	@node test/scripts/bench-operators.mjs $(ARGS)

bench-kernels: setup ## each layer beside the peers: instructions, modelled cycles, time here (WORKLOADS=file.json OUT=result.json)
	@node test/scripts/bench-kernels.mjs

bench-groups: setup ## ResNet34's layers with 1, 2, 4, ... groups: whether modelled time ever rises
	@node test/scripts/bench-groups.mjs

fit-boards: ## how far modelled times of boards are from those that ncnn's users published (ARGS="--update --json")
	@node test/scripts/fit-boards.mjs $(ARGS)

check-estimates: setup ## whether estimates choose the tiles and loop orders that modelled cores run fastest (ARGS="--fit --json FILE NAME")
	@node test/scripts/check-estimates.mjs $(ARGS)

test-schedules: setup ## 20,000 random sequences of schedule steps, of a new seed; 500 of them compiled for three boards (PROPERTY_RUNS=n PROPERTY_SEED=n)
	PROPERTY_RUNS=$${PROPERTY_RUNS:-20000} PROPERTY_SEED=$${PROPERTY_SEED:-$$(date +%s)} $(VITEST) test/schedule/legality.test.ts test/schedule/mutation.test.ts test/board/schedules.test.ts

test-layers: setup ## 2,000 random layers against ONNX Runtime, of a new seed (PROPERTY_RUNS=n PROPERTY_SEED=n)
	SANITIZED_LAYERS=$${SANITIZED_LAYERS:-200} PROPERTY_RUNS=$${PROPERTY_RUNS:-2000} PROPERTY_SEED=$${PROPERTY_SEED:-$$(date +%s)} $(VITEST) test/board/layers.test.ts test/board/sanitized.test.ts

test-fuzz: setup ## 10,000 damaged ONNX files, of a new seed (FUZZ_RUNS=n FUZZ_SEED=n)
	FUZZ_RUNS=$${FUZZ_RUNS:-10000} FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} $(VITEST) test/frontend/onnx-fuzz.test.ts test/frontend/files-fuzz.test.ts

check-cycles: setup ## instructions and modelled cycles of 28 layers and 7 networks, against test/suites/baseline.json; make test looks at six of them (ARGS='--update "why"')
	@node test/scripts/check-cycles.mjs $(ARGS)

check-link: build ## what a link to a board costs and stands, on a loopback board (ARGS="overhead|slow|pause|interrupts [N]")
	@node test/scripts/check-link.mjs $(ARGS)

repeat-faults: build ## tests of what may go wrong with a board or its link, 20 times; names those that do not always pass (ARGS="TIMES FILE ...")
	@node test/scripts/repeat-faults.mjs $(ARGS)

faults: build ## plant 500 faults in generated C and packed weights, one at a time, and count those that `test` finds (SEED=n COUNT=n)
	@node test/scripts/faults.mjs --seed $${SEED:-1} --count $${COUNT:-500} $(ARGS)

mutations: build ## change 30 lines of lower/ and codegen/, one at a time, and name those that no test notices (SEED=n COUNT=n)
	@node test/scripts/mutations.mjs --seed $${SEED:-1} --count $${COUNT:-30} $(ARGS)

test-long: test-schedules test-layers test-fuzz ## every long suite; 2,000 changed traces (TRACE_RUNS=n), 200 networks (RANDOM_NETWORKS=n), 2,000 layers judged (INJECTION_LAYERS=n)
	TRACE_RUNS=$${TRACE_RUNS:-2000} $(VITEST) test/schedule/trace-fuzz.test.ts
	RANDOM_NETWORKS=$${RANDOM_NETWORKS:-200} $(VITEST) test/board/random-networks.test.ts
	INJECTION_LAYERS=$${INJECTION_LAYERS:-2000} $(VITEST) --testTimeout 900000 test/verify/injection.test.ts
	TILEWRIGHT_LONG=1 $(VITEST) test/board/spills.test.ts test/board/compilers.test.ts test/board/typed-kernels.test.ts test/board/special-values.test.ts test/board/model-joined.test.ts test/board/networks.test.ts test/board/random-networks.test.ts test/board/tutorial.test.ts test/board/kept-copies.test.ts
	TILEWRIGHT_LONG=1 $(VITEST) test/analyze test/driver test/verify test/ops test/lower test/ir test/frontend/zoo.test.ts test/frontend/zoo-layers.test.ts test/codegen/hostile-names.test.ts test/device/shell-quote.test.ts

bench-schedule: setup ## how long schedule steps take to check and to apply, and `explain`
	@node test/scripts/bench-schedule.mjs

check-kills: build ## tunes killed at random moments go on and end alike (KILLS=100)
	@node test/scripts/check-kills.mjs $(or $(KILLS),20)

check-queue-kills: build ## tunes over a queue end alike while its server, its workers and they are killed (KILLS=100 ARGS="--server postgres")
	@node test/scripts/check-queue-kills.mjs $(or $(KILLS),20) $(ARGS)

bench-tuner: setup ## how soon searches come near the best, over recorded results of 12 layers on three modelled cores (ARGS="--seeds N --search NAME --json")
	@node test/scripts/bench-tuner.mjs $(ARGS)

tuner-tables: setup ## make those results anew; takes an hour (ARGS="--work FOLDER --out FOLDER")
	@node test/scripts/tuner-tables.mjs $(ARGS)

shipped-records: build ## tune the heaviest kernels of networks on the models of three cores for targets/records; an hour (ARGS="--trials N MODEL ... layers")
	@node test/scripts/shipped-records.mjs $(ARGS)

bench-first-minute: build ## how much of what ten minutes of tuning save here the first one saves, two networks; 25 minutes (ARGS="--long 600 MODEL")
	@node test/scripts/bench-first-minute.mjs $(ARGS)

check-race: build ## pairs of kernels here, equal ones and 2 % apart: how often a tune is wrong about them (ARGS="500 --busy 2")
	@node test/scripts/check-race.mjs $(ARGS)

bench-tuning: setup ## checked candidates a minute of a tune, here and over ssh (ARGS="host ssh --seconds 60")
	@node test/scripts/bench-tuning.mjs $(ARGS)

bench-frames: build ## what a camera's frames cost beside a plain copy of prepared floats, on this machine
	@node test/scripts/bench-frames.mjs

check-noise: build ## whether bench passes times beside two busy loops as steady (ARGS="pairs 20": runs in each other's intervals)
	@node test/scripts/check-noise.mjs $(ARGS)

check-gate: build ## how often the gate of measured times is wrong on this machine: equal programs, and one that does 5 % more (ARGS="--pairs N --model MODEL --json FILE")
	@node test/scripts/check-gate.mjs $(ARGS)

bench-compiler: setup ## how long the compiler takes, cold and warm, and its memory
	@node test/scripts/bench-compiler.mjs

replay: build ## every kernel that differs from what commit BASE makes (BASE=HEAD ARGS="--only TEXT --json FILE")
	@node test/scripts/replay.mjs "$(BASE)" $(ARGS)

golden: build ## rewrite the golden files from what the compiler does now
	$(VITEST) -u --exclude 'test/board/**'

readme: setup ## write anew what README.md shows of the demo and the figures
	@node test/scripts/update-readme.mjs
	@node test/scripts/bench-kernels.mjs --readme
	@node test/scripts/bench-networks.mjs --layers 0 --readme

screenshots: build ## take anew the pictures of a report that README.md shows, with headless Chromium
	@node test/scripts/screenshots.mjs $(ARGS)

clean: ## remove what was built (not node_modules)
	rm -rf dist build .tilewright *.tgz
