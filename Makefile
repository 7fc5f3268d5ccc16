# SPDX-License-Identifier: GPL-2.0-or-later
# `make help` lists the targets. Everything is built in build/; what a target
# needs from Debian it installs itself (scripts/install-deps).

MAKEFLAGS += --jobs=$(shell nproc)
CC ?= gcc
BUILD := build
MODULE := modules/tls_policy
# -Werror where a warning is to fail (lint, CI): other compilers know others.
WERROR ?=
WARN := -Wall -Wextra -Wconversion -Wshadow $(WERROR)
STD := -std=c11 -D_DEFAULT_SOURCE -I$(MODULE)
CFLAGS ?= -O2 -g
CRYPTO := -lssl -lcrypto
TEXT := -lunistring -lidn2 -linih
SANITIZE_O ?= -O1
SANITIZE := -g $(SANITIZE_O) -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined

POLICY := $(wildcard $(MODULE)/policy/*.c $(MODULE)/policy/*/*.c)
FILES := $(wildcard $(MODULE)/files/*.c)
OPENSSL := $(wildcard $(MODULE)/openssl/*.c $(MODULE)/openssl/*/*.c)
KAMAILIO := $(wildcard $(MODULE)/kamailio/*.c $(MODULE)/kamailio/*/*.c)
CLI := $(wildcard $(MODULE)/cli/*.c $(MODULE)/cli/*/*.c)
VERSION := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
HEADERS := $(wildcard $(MODULE)/*/*.h $(MODULE)/*/*/*.h test/fuzz/*.h)
UNIT := $(patsubst test/unit/%.c,$(BUILD)/unit/%,$(wildcard test/unit/*_test.c))
PROPERTY := $(BUILD)/property/trust
TOOLS := $(patsubst test/lib/%.c,$(BUILD)/%,$(wildcard test/lib/*.c)) $(BUILD)/trust_peer $(BUILD)/hostile_peer $(BUILD)/bench/load \
	$(patsubst test/lib/preload/%.c,$(BUILD)/preload/%.so,$(wildcard test/lib/preload/*.c))
TRUST_PEER := $(wildcard test/lib/trust/*.c)
FUZZ := $(filter-out replay host,$(patsubst test/fuzz/%.c,%,$(wildcard test/fuzz/*.c)))
REPLAY := $(FUZZ:%=$(BUILD)/fuzz/%-replay)
FUZZ_SECONDS ?= 60
BENCH := $(patsubst %,$(BUILD)/bench/%,load floor fork_cure.so) $(BUILD)/doc/parameters
ALL_C := $(POLICY) $(FILES) $(OPENSSL) $(KAMAILIO) $(CLI) $(wildcard test/*/*.[ch] test/lib/trust/*.[ch] test/lib/hostile/*.[ch] test/lib/preload/*.[ch] test/bench/load/*.[ch])
PEER := $(patsubst %,test/peers/%.c,peer figures sip options)
PEERS := $(patsubst %,$(BUILD)/peers/%,openssl gnutls wolfssl go java)
LINTED := $(POLICY) $(FILES) $(OPENSSL) $(CLI) $(wildcard test/peers/*.c)

DOCBOOK := $(BUILD)/doc/parameters $(BUILD)/kamailio.flags $(BUILD)/.deps-docbook $(BUILD)/.deps-readme
OBJECTS := $(patsubst $(MODULE)/%.c,$(BUILD)/module/%.o,$(POLICY) $(FILES) $(OPENSSL) $(KAMAILIO))
COMMAND := $(patsubst $(MODULE)/%.c,$(BUILD)/module/%.o,$(POLICY) $(FILES) $(OPENSSL) $(CLI))

.PHONY: help build peers demo run test test-busy test-ready unit matrix fuzz install uninstall deb doc lint format \
	format-check check-layers check-doc check-upstream bench bench-plot bench-handshake bench-verdict bench-message \
	coverage covered-programs soak hostile faults watched mutants clean FORCE

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

build: $(BUILD)/tls_policy.so $(BUILD)/tls-policy ## the module and the command

demo: build $(TOOLS) $(BUILD)/.deps-demo ## drive real peers through every rule and print a table
	@test/demo.sh

run: build ## serve 127.0.0.1:5061 (PORT=, WORKERS=, LEGACY=1, CHECK_FROM_DOMAIN=1, PROMETHEUS=1) until SIGTERM
	@exec scripts/run

test: test-ready ## everything (TESTS="58 64": what begins so); the last line is `N passed, N failed`
	@scripts/run-tests $(UNIT) $(PROPERTY)

test-busy: test-ready ## the same, while other processes keep the machine busy
	@scripts/beside-busy-loops 2 scripts/run-tests $(UNIT) $(PROPERTY)

test-ready: build $(UNIT) $(PROPERTY) $(REPLAY) $(TOOLS) $(PEERS) $(DOCBOOK) $(BUILD)/.deps-test $(BUILD)/.deps-package ## what `make test` installs, downloads and builds
	@scripts/sipp --prepare || echo "there is no SIPp: its tests will fail"
	@[ "$$(id -u)" -ne 0 ] || scripts/debian-root >/dev/null || echo "there is no fresh Debian: tests of the package will fail"

unit: build $(UNIT) $(PROPERTY) ## of all that only what needs no server
	@TESTS="*_test trust" scripts/run-tests $(UNIT) $(PROPERTY)

matrix: $(BUILD)/.deps-matrix ## build and test on Debian 12, 13 and sid (SUITES="trixie" TESTS="58 64" GOAL=test-busy), and with other compilers
	@scripts/matrix

install: build ## module, command and man page, beside the installed Kamailio's own (DESTDIR=)
	@DESTDIR="$(DESTDIR)" scripts/install $(BUILD)

uninstall: ## what `make install` has installed (DESTDIR=)
	@DESTDIR="$(DESTDIR)" scripts/install --remove

deb: $(BUILD)/kamailio.flags $(BUILD)/.deps-docbook $(BUILD)/.deps-package $(BUILD)/.deps-lintian ## the Debian package, in build/
	@scripts/make-deb
	@lintian --allow-root --fail-on error,warning --tag-display-limit 0 $(BUILD)/deb/*.changes

# Whatever is compiled needs what the module is built of, first.
$(addprefix $(BUILD)/.deps-,demo test peers fuzz coverage bench docbook package): | $(BUILD)/.deps-build
$(BUILD)/.deps-%: scripts/install-deps
	@mkdir -p $(BUILD)
	@scripts/install-deps $*
	@touch $@

# What is installed now: another Kamailio has everything built anew.
$(BUILD)/kamailio.installed: $(BUILD)/.deps-build FORCE
	@scripts/module-strings "$$(scripts/kamailio-modules)/tls.so" >$@.new
	@cmp -s $@.new $@ || cp $@.new $@
	@rm -f $@.new

$(BUILD)/kamailio.flags: $(BUILD)/kamailio.installed $(patsubst %,scripts/%,kamailio-flags kamailio-headers kamailio-6.1-headers fetch-kamailio-source)
	@scripts/kamailio-flags $@

# An object knows the headers that it was made of; one that does not is made anew.
DEPENDS := -MMD -MP
-include $(wildcard $(BUILD)/module/*/*.d $(BUILD)/module/*/*/*.d $(BUILD)/sanitized/*/*.d $(BUILD)/sanitized/*/*/*.d)
$(foreach object,$(wildcard $(BUILD)/module/*/*.o $(BUILD)/module/*/*/*.o $(BUILD)/sanitized/*/*.o $(BUILD)/sanitized/*/*/*.o),$(if $(wildcard $(object:.o=.d)),,$(object))): FORCE

$(BUILD)/module/kamailio/%.o: $(MODULE)/kamailio/%.c $(BUILD)/kamailio.flags
	@mkdir -p $(@D)
	$(CC) @$(BUILD)/kamailio.flags $(DEPENDS) -I$(MODULE) -DMOD_NAME='"tls_policy"' $(CFLAGS) -Wall $(WERROR) -fPIC -c $< -o $@

$(BUILD)/module/%.o: $(MODULE)/%.c $(BUILD)/.deps-build
	@mkdir -p $(@D)
	$(CC) $(STD) $(DEPENDS) $(CFLAGS) $(WARN) -fPIC -c $< -o $@

$(BUILD)/tls_policy.so: $(OBJECTS) modules/tls_policy/exports.map scripts/check-module
	$(CC) -shared -Wl,-Bsymbolic -Wl,--version-script=modules/tls_policy/exports.map \
		$(LDFLAGS) -o $@.new $(OBJECTS) $(CRYPTO) $(TEXT)
	@scripts/check-module $@.new
	mv $@.new $@

# The same, with sanitizers in it: objects of its own.
$(BUILD)/watched/tls_policy.so: FORCE
	@$(MAKE) -s BUILD=$(BUILD)/watched CFLAGS="$(SANITIZE)" LDFLAGS="$(SANITIZE)" \
		$(patsubst %,KAMAILIO_SRC=%,$(wildcard $(BUILD)/kamailio-src)) $(BUILD)/watched/tls_policy.so

$(BUILD)/tls-policy: $(COMMAND)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(COMMAND) $(CRYPTO) $(TEXT)

$(BUILD)/module/cli/tls_policy.o: debian/changelog
$(BUILD)/module/cli/tls_policy.o: STD += -DTLSP_VERSION='"$(VERSION)"'

# Those that share the ends of a TLS connection.
$(patsubst %,$(BUILD)/unit/%_test,handshake own_files sessions tickets tls_context): UNIT_ENDS := test/unit/tls_ends.c
$(patsubst %,$(BUILD)/unit/%_test,rehandshake key_update judgement last_word peer_identity reverse withholds): \
	UNIT_ENDS := test/unit/tls_ends.c test/unit/tls_link.c

# A clock that can be set.
$(BUILD)/unit/sessions_test $(BUILD)/unit/tickets_test: UNIT_LINK := -Wl,--wrap=time

$(patsubst %,$(BUILD)/unit/%_test,chain_constraints peer_chain verify_file): \
	UNIT_ENDS := test/unit/made_chain.c

# What can be tested without Kamailio, with the sanitizers, compiled once.
SANITIZED := $(BUILD)/sanitized/tls_policy.a
$(SANITIZED): $(patsubst $(MODULE)/%.c,$(BUILD)/sanitized/%.o,$(FILES) $(OPENSSL) $(POLICY))
	rm -f $@
	ar rcs $@ $^

$(BUILD)/sanitized/%.o: $(MODULE)/%.c $(BUILD)/.deps-test
	@mkdir -p $(@D)
	$(CC) $(STD) $(DEPENDS) -Wall -Wextra $(WERROR) $(SANITIZE) -c $< -o $@

$(BUILD)/unit/%: test/unit/%.c $(wildcard test/unit/*.inc test/unit/tls_* test/unit/made_*) $(SANITIZED)
	@mkdir -p $(@D)
	$(CC) $(STD) -Wall -Wextra $(WERROR) $(SANITIZE) -o $@ $< $(UNIT_ENDS) $(SANITIZED) $(UNIT_LINK) -lcmocka $(CRYPTO) $(TEXT)

# Every state of a connection that the walk reaches, against its oracle.
$(PROPERTY): $(wildcard test/property/*.[ch] test/unit/tls_*) $(SANITIZED)
	@mkdir -p $(@D)
	$(CC) $(STD) -Wall -Wextra $(WERROR) $(SANITIZE) -o $@ $(wildcard test/property/*.c) test/unit/tls_ends.c test/unit/tls_link.c $(SANITIZED) -lcmocka $(CRYPTO) $(TEXT)

bench: build $(BENCH) $(BUILD)/bench/verdict $(BUILD)/bench/table $(BUILD)/sip_end $(BUILD)/.deps-bench ## what TLS costs with the module and without, beside others; last, ratios (BENCH_PARTS=...: scripts/bench)
	@scripts/bench

bench-plot: ## doc/performance.svg, of what `make bench` has measured last
	@scripts/plot-bench >doc/performance.svg.new && mv doc/performance.svg.new doc/performance.svg

bench-verdict: $(BUILD)/bench/verdict $(BUILD)/bench/selection ## what a verdict costs with 1 to 1,000,000 proxies, and the choice of one of 1 to 10,000 rules
	@$(BUILD)/bench/verdict
	@$(BUILD)/bench/selection

bench-handshake: build $(BENCH) $(BUILD)/.deps-bench ## instructions and allocations of a mutual handshake, with the module and without (HANDSHAKES=, PROXIES=, ALLOCATORS=, KINDS=)
	@scripts/bench-handshake

bench-message: build $(BENCH) $(BUILD)/sip_end $(BUILD)/.deps-bench ## instructions of a message, with the module and without (MESSAGES=, OVER=tls|relay|udp)
	@scripts/bench-message

$(BUILD)/bench/load: $(wildcard test/bench/load/*.[ch]) $(BUILD)/.deps-build
	@mkdir -p $(@D)
	$(CC) $(STD) $(CFLAGS) -Wall -Wextra $(WERROR) -o $@ $(filter %.c,$^) $(CRYPTO)

$(BUILD)/bench/floor: test/bench/floor.c $(BUILD)/.deps-build
	@mkdir -p $(@D)
	$(CC) $(STD) $(CFLAGS) -Wall -Wextra $(WERROR) -o $@ $< $(CRYPTO)

$(BUILD)/bench/fork_cure.so: test/bench/fork_cure.c $(patsubst %,$(MODULE)/kamailio/connection/%.c,fork_guard core_tcp) $(HEADERS) $(BUILD)/kamailio.flags
	@mkdir -p $(@D)
	$(CC) @$(BUILD)/kamailio.flags -I$(MODULE) -DMOD_NAME='"fork_cure"' $(CFLAGS) -Wall $(WERROR) -fPIC -shared -Wl,-Bsymbolic -o $@ $(filter %.c,$^) -lcrypto

$(BUILD)/bench/%: test/bench/%.c $(FILES) $(OPENSSL) $(POLICY) $(HEADERS) $(BUILD)/.deps-build
	@mkdir -p $(@D)
	$(CC) $(STD) -O2 -g -Wall -Wextra $(WERROR) -o $@ $< $(FILES) $(OPENSSL) $(POLICY) $(CRYPTO) $(TEXT)

$(BUILD)/preload/%.so: test/lib/preload/%.c $(BUILD)/.deps-build
	@mkdir -p $(@D)
	$(CC) $(STD) $(CFLAGS) -Wall -Wextra $(WERROR) -fPIC -shared -o $@ $< -ldl

# It knows the core's shared memory.
$(BUILD)/preload/fail_memory.so: test/lib/preload/fail_memory.c test/lib/preload/fail_memory.h $(BUILD)/kamailio.flags
	@mkdir -p $(@D)
	$(CC) @$(BUILD)/kamailio.flags $(CFLAGS) -Wall $(WERROR) -fPIC -shared -o $@ $< -ldl

$(BUILD)/fail_memory: test/lib/preload/fail_memory.h

$(BUILD)/%: test/lib/%.c $(BUILD)/.deps-build
	$(CC) $(STD) $(CFLAGS) -Wall -Wextra $(WERROR) -o $@ $< $(CRYPTO)

$(BUILD)/sip_end: test/lib/web_socket.h

$(BUILD)/hostile_peer: $(wildcard test/lib/hostile/*.[ch] test/lib/trust/half_record.[ch]) $(BUILD)/.deps-build
	$(CC) $(STD) $(CFLAGS) -Wall -Wextra $(WERROR) -o $@ $(filter %.c,$^) $(CRYPTO)

$(BUILD)/trust_peer: $(TRUST_PEER) $(wildcard test/lib/trust/*.h) $(BUILD)/.deps-build
	$(CC) $(STD) $(CFLAGS) -Wall -Wextra $(WERROR) -o $@ $(TRUST_PEER) $(CRYPTO)

# Peers on other TLS stacks, all with the same command line (test/peers).
$(BUILD)/peers/openssl: PEER_LIBS := $(CRYPTO)
$(BUILD)/peers/gnutls: PEER_LIBS := -lgnutls
$(BUILD)/peers/wolfssl: PEER_LIBS := -lwolfssl
$(BUILD)/peers/%: test/peers/%.c $(PEER) test/peers/peer.h $(BUILD)/.deps-peers
	@mkdir -p $(@D)
	$(CC) $(STD) $(CFLAGS) $(WARN) -o $@ $< $(PEER) $(PEER_LIBS)

$(BUILD)/peers/go: test/peers/go/peer.go $(BUILD)/.deps-peers
	@mkdir -p $(@D)
	GO111MODULE=off GOCACHE=$(abspath $(BUILD)/go-cache) go build -o $@ $<

$(BUILD)/peers/java: test/peers/java/Peer.java test/peers/java/peer $(BUILD)/.deps-peers
	@mkdir -p $(@D)
	javac -Xlint:all $(WERROR) -d $(@D)/classes $<
	install -m 755 test/peers/java/peer $@

peers: $(PEERS) ## peers on five TLS stacks, for the re-handshake tests

# Replayed by `make test` with gcc, driven by `make fuzz` with clang. With real
# ends of a connection, or with the table of connections (and of Kamailio only
# what host.c has).
$(BUILD)/fuzz/handshake-% $(BUILD)/fuzz/tickets-%: FUZZ_MORE := test/unit/tls_ends.c test/unit/tls_link.c -lcmocka
$(BUILD)/fuzz/import-%: FUZZ_MORE := $(filter-out %/import.c,$(wildcard $(MODULE)/cli/import/*.c))
TABLE := test/fuzz/host.c $(patsubst %,$(MODULE)/kamailio/connection/%.c,connections table agenda entry hold_queue peer_outcomes)

$(BUILD)/fuzz/connections-replay: test/fuzz/connections.c test/fuzz/replay.c $(TABLE) $(HEADERS) $(SANITIZED) $(BUILD)/kamailio.flags
	@mkdir -p $(@D)
	$(CC) @$(BUILD)/kamailio.flags -I$(MODULE) -DMOD_NAME='"tls_policy"' $(SANITIZE) -o $@ $< test/fuzz/replay.c $(TABLE) $(SANITIZED) $(CRYPTO) $(TEXT)

$(BUILD)/bench/table: test/bench/table.c $(TABLE) $(FILES) $(OPENSSL) $(POLICY) $(HEADERS) $(BUILD)/kamailio.flags
	@mkdir -p $(@D)
	$(CC) @$(BUILD)/kamailio.flags -I$(MODULE) -DMOD_NAME='"tls_policy"' $(CFLAGS) -Wall $(WERROR) -o $@ $< $(filter-out %/connections.c,$(TABLE)) $(FILES) $(OPENSSL) $(POLICY) $(CRYPTO) $(TEXT)

$(BUILD)/fuzz/connections-fuzz: test/fuzz/connections.c $(TABLE) $(FILES) $(OPENSSL) $(POLICY) $(HEADERS) $(BUILD)/kamailio.flags $(BUILD)/.deps-fuzz
	@mkdir -p $(@D)
	clang @$(BUILD)/kamailio.flags -I$(MODULE) -DMOD_NAME='"tls_policy"' -w $(SANITIZE) -fsanitize=fuzzer -o $@ $< $(TABLE) $(FILES) $(OPENSSL) $(POLICY) $(CRYPTO) $(TEXT)

$(BUILD)/fuzz/%-replay: test/fuzz/%.c test/fuzz/replay.c $(wildcard test/fuzz/*.h test/unit/tls_* $(MODULE)/cli/import/*.[ch]) $(SANITIZED)
	@mkdir -p $(@D)
	$(CC) $(STD) -I. -Wall -Wextra $(WERROR) $(SANITIZE) -o $@ $< test/fuzz/replay.c $(FUZZ_MORE) $(SANITIZED) $(CRYPTO) $(TEXT)

$(BUILD)/fuzz/%-fuzz: test/fuzz/%.c $(wildcard test/unit/tls_*) $(FILES) $(OPENSSL) $(POLICY) $(HEADERS) $(BUILD)/.deps-fuzz
	@mkdir -p $(@D)
	clang $(STD) -I. -Wall -Wextra $(SANITIZE) -fsanitize=fuzzer -o $@ $< $(FUZZ_MORE) $(FILES) $(OPENSSL) $(POLICY) $(CRYPTO) $(TEXT)

fuzz: $(FUZZ:%=$(BUILD)/fuzz/%-fuzz) $(TOOLS) ## libFuzzer on every parser, on handshakes, tickets and tables, FUZZ_SECONDS (60) each
	@scripts/fuzz $(BUILD) $(FUZZ_SECONDS) $(FUZZ)

watched: build test-ready $(BUILD)/.deps-bench ## live tests with Kamailio under sanitizers, or valgrind (WITH=memcheck, TESTS="58 76")
	@scripts/watched

coverage: $(BUILD)/.deps-coverage build $(TOOLS) ## what tests without a server reach of policy/, openssl/ and files/ (llvm-cov)
	@$(MAKE) -s BUILD=$(BUILD)/coverage CC=clang SANITIZE="-g -O0 -fprofile-instr-generate -fcoverage-mapping" \
		$(patsubst %,KAMAILIO_SRC=%,$(wildcard $(BUILD)/kamailio-src)) covered-programs
	@scripts/coverage $(BUILD)/coverage $(patsubst $(BUILD)/%,$(BUILD)/coverage/%,$(UNIT) $(PROPERTY) $(REPLAY))

covered-programs: $(UNIT) $(PROPERTY) $(REPLAY)

soak: build $(TOOLS) $(BUILD)/peers/openssl ## everything at once for SOAK_MINUTES (12): what grows, who falls by the wayside
	@scripts/soak

hostile: build $(TOOLS) ## hostile peers of every kind, thousands of each, beside honest ones: how these fare
	@scripts/hostile

faults: build $(TOOLS) $(BUILD)/peers/openssl ## memory that runs out at each place, and what else can fail
	@scripts/faults

mutants: $(SANITIZED) ## changes that a unit test must catch (MUTANT=word: some of them)
	@scripts/mutants $(BUILD) $(MUTANT)

doc: $(DOCBOOK) ## the module's README and build/doc/tls_policy.html, from its DocBook sources
	@scripts/docbook-parameters --write
	@scripts/build-doc readme $(MODULE)/README
	@scripts/build-doc html $(BUILD)/doc/tls_policy.html

$(BUILD)/doc/tls_policy.html: $(wildcard $(MODULE)/doc/*.xml) $(BUILD)/kamailio.flags $(BUILD)/.deps-docbook
	@mkdir -p $(@D)
	scripts/build-doc html $@

$(BUILD)/doc/parameters: test/doc/parameters.c $(POLICY:$(MODULE)/%.c=$(BUILD)/module/%.o)
	@mkdir -p $(@D)
	$(CC) $(STD) $(CFLAGS) $(WARN) -o $@ $^ $(TEXT)

check-doc: $(DOCBOOK) ## hold the documents against the tree
	@scripts/check-doc

check-upstream: $(BUILD)/kamailio.flags $(BUILD)/.deps-upstream ## build the module inside Kamailio's own trees (TREES=DIR...: these)
	@scripts/check-upstream $(TREES)

# The drawing is committed; its first lines say of which source it is.
doc/architecture.svg: doc/architecture.dot $(BUILD)/.deps-doc
	dot -Tsvg -Gcomment="$$(scripts/check-drawing --mark)" -o $@.new $<
	mv $@.new $@

check-layers: $(BUILD)/.deps-build ## prove kamailio -> openssl -> policy
	@scripts/check-layers

format: $(BUILD)/.deps-lint ## lay out the C files
	clang-format -i $(ALL_C) $(HEADERS)

format-check: $(BUILD)/.deps-lint ## are the C files laid out?
	clang-format --dry-run -Werror $(ALL_C) $(HEADERS)

lint: $(BUILD)/.deps-lint $(BUILD)/.deps-build $(BUILD)/.deps-peers ## gcc -fanalyzer, clang-tidy, cppcheck, shellcheck
	@echo "gcc -fanalyzer, clang-tidy"
	@printf '%s\n' $(LINTED) | xargs -P $$(nproc) -I{} $(CC) $(STD) -O1 $(WARN) -Werror -fanalyzer -c {} -o /dev/null
	@printf '%s\n' $(LINTED) | xargs -P $$(nproc) -I{} clang-tidy --quiet {} -- $(STD) 2>/dev/null
	cppcheck -j $$(nproc) --quiet --error-exitcode=1 --std=c11 --enable=warning,portability \
		--inline-suppr --suppress=missingIncludeSystem -D_DEFAULT_SOURCE -I$(MODULE) $(LINTED)
	shellcheck -x scripts/* .ci/run test/peers/java/peer test/fuzz/make-corpus \
		$(wildcard test/*.sh test/lib/*.sh test/*/*.bash)

clean: ## remove build/
	rm -rf $(BUILD)
