# The front door.  Everything below is meson; this file only remembers the words.
#
#   make        build/detente                 make test       everything that is tested
#   make run    a node, fed, with its page    make test-long  kills, faults, threads, fuzzing
#   make demo   two nodes, a pact, an attack and what follows: a tour of two minutes
#   make lint   clang's tools, codespell      make bench      what is measured
#   make install   binary, manuals, systemd unit
#   make clean                                make world YEARS=20   a node's life with every fault
B ?= build
PORT ?= 8080
NODE ?= node
SOURCE ?=
DEMO ?=
FOR ?= # what the set-up is for: run installs less than tests need

all: $(B)/build.ninja
	@ninja -C $(B) --quiet detente # ninja's own `all` has the tests too
$(B)/build.ninja: | setup
	@CC=gcc CXX=g++ meson setup $(B) >/dev/null
setup:
	@tools/setup $(FOR)
run:
	@tools/setup run
	@$(MAKE) --no-print-directory all FOR=run
	@tools/run "$(B)/detente" "$(NODE)" "$(PORT)" "$(SOURCE)"
demo:
	@tools/setup run
	@$(MAKE) --no-print-directory all FOR=run
	@tools/demo "$(B)/detente" $(DEMO)
test: all
	@tools/test $(B)
test-long: all
	@tools/test-long $(B)
asan: | setup
	@log=/dev/null; . tools/suites; sanitized $(B)-asan
	@meson test -C $(B)-asan --print-errorlogs
bench: all
	@tests/bench/run $(B)
fuzz-smoke: | setup
	@tests/fuzz/smoke $(B)-fuzz
world: all
	@$(B)/tests/world/world $(if $(YEARS),--years $(YEARS)) $(if $(SEED),--seed $(SEED) $(if $(YEARS),,-v))
lint:
	@tools/setup lint
	@tools/lint $(B)-lint
install: all
	@meson install -C $(B) --no-rebuild --quiet
	@echo 'installed. As a service: systemctl daemon-reload; systemctl enable --now detente'
clean:
	rm -rf $(B) $(B)-asan $(B)-tsan $(B)-lint $(B)-fuzz
.PHONY: all setup run demo test test-long asan bench fuzz-smoke world lint install clean
