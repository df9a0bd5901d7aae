# SPDX-License-Identifier: GPL-2.0-or-later
#
# make demo    installs what is missing, builds, and takes a snapshot of a real machine
# make check   the same for the tests; make check-asan with sanitizers; make check-fresh on an empty Debian
# make check-long  check-asan, check-tsan (ThreadSanitizer), check-valgrind, check-faults (no memory), in turn
# make run     leaves a demo set-up running in the foreground
# make all     builds only; make deps installs only; make help lists every target
# make deb     a Debian package, in build/deb; make check-deb tries it in an empty Debian
# make bench   the daemon beside nginx, and CreateSnapshot beside libvirt's own; under five minutes
#
# Everything is written below build/ (B=).

B ?= build
GEN := $(B)/gen
PYTHON ?= /usr/bin/python3
V ?= @

CC ?= gcc
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
        -Wwrite-strings -Wvla -Wformat=2 -Wundef
HARDEN := -fstack-protector-strong -fPIE
ifndef SANITIZE
HARDEN += -D_FORTIFY_SOURCE=2
else
SANFLAGS := -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
endif
CFLAGS ?= -O2 -g
# Hidden: a library that uses another one's audit_open() or context_new() must not get ours.
VISIBILITY := -fvisibility=hidden
# gSOAP's macros must be those its library was built with.
CPPFLAGS += -D_GNU_SOURCE -DWITH_IPV6 -DWITH_DOM -Iservice -Ibackends -Itests -isystem $(GEN) $(DEFINES)
ALL_CFLAGS = -std=gnu11 $(WARN) $(VISIBILITY) $(HARDEN) $(SANFLAGS) $(CFLAGS) $(COVERAGE)
LDFLAGS += -pie -Wl,-z,relro,-z,now $(SANFLAGS) $(COVERAGE)

# One line for each step, as builds take a while.
say = @printf '  %-5s %s\n' $(1) $(2)

# Looked up when a recipe runs, so that `make deps` can come first.
PKGS := libevent_core libssl libcrypto libvirt libvirt-qemu \
        libxml-2.0 sqlite3 uuid libcrypt json-c libpng krb5-gssapi
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g')
LIBS = -Wl,--as-needed $(shell pkg-config --libs $(PKGS)) -linih -lpam -lgsoap -lpthread

SOURCES := $(filter-out service/main.c,$(wildcard service/*/*.c service/classes/*/*.c backends/*.c backends/*/*.c))
OBJECTS := $(SOURCES:%.c=$(B)/obj/%.o) $(B)/obj/soapC.o
ARCHIVE := $(B)/libcimsnapd.a
DAEMON := $(B)/cimsnapd

UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
CONTRACT := $(B)/contract/contract
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
TOOLS := $(B)/golden/golden $(B)/net/echo_server
FAULTS := $(B)/faults/faults
CALLS := $(B)/calls/cimsnapd
WRAPPED := malloc calloc realloc reallocarray strdup strndup asprintf

.PHONY: all deb check-deb deps demo run check check-long check-asan check-tsan check-valgrind check-faults faults check-calls calls check-world check-crash check-kill check-conformance check-fresh check-run tests fuzz fuzzers lint bench cov golden install clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $(DAEMON)

deps:
	$(V)deploy/deps.sh

demo run: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s all
	$(V)$(PYTHON) tests/lab/$@.py --build $(B) $(if $(PORT),--port $(PORT)) $(if $(URI),--uri '$(URI)')

check: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory check-run

check-asan: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory B=$(B)/asan SANITIZE=address,undefined CFLAGS='-O1 -g' check-run

check-tsan: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory B=$(B)/tsan SANITIZE=thread CFLAGS='-O1 -g' check-run

# Unit and golden tests under memcheck, as they ship.
check-valgrind: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory tests
	$(V)tests/valgrind/wrap.sh $(B)
	$(V)$(PYTHON) tests/run.py --build $(B)/valgrind unit/ golden

# Every allocation of the sample flow fails in turn. The program is of the build of check-asan.
check-faults: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory B=$(B)/asan SANITIZE=address,undefined CFLAGS='-O1 -g' faults
	$(V)$(B)/asan/faults/faults tests/golden/pairs

faults: $(FAULTS)

# Every call into the system, SQLite and libvirt fails in turn, while a real daemon works.
check-calls: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory B=$(B)/asan SANITIZE=address,undefined CFLAGS='-O1 -g' all calls
	$(V)$(PYTHON) tests/calls/calls.py --build $(B)/asan

calls: $(CALLS)

# What the service needs breaks: machines, disks, the clock, files, descriptors, memory, its store.
check-world: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s all $(B)/world/clock.so
	$(V)$(PYTHON) tests/world/world.py --build $(B)

$(B)/world/clock.so: tests/world/clock.c
	$(V)mkdir -p $(@D)
	$(V)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $<

check-long: check-asan check-tsan check-valgrind check-faults

# kill -9 of the daemon, and outages of libvirtd, at every step of what it does, with a daemon that has the
# places for it compiled in.
check-crash: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s B=$(B)/hooks DEFINES=-DCIMSNAPD_HOOKS all
	$(V)$(PYTHON) tests/crash/crash.py --build $(B)/hooks
	$(V)$(PYTHON) tests/crash/outage.py --build $(B)/hooks
	$(V)$(PYTHON) tests/crash/life.py --build $(B)/hooks $(if $(ALL),,--skip 'test_restart|destroys_one')
	$(V)$(PYTHON) tests/crash/rename.py --build $(B)/hooks

# kill -9 of the daemon at KILLS random moments, while it creates, applies, destroys and renames, in MINUTES at most.
# SEED= repeats a run.
KILLS ?= 200
MINUTES ?= 30
check-kill: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s all
	$(V)$(PYTHON) tests/crash/kill.py --build $(B) --kills $(KILLS) --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

# The rules of the specifications one by one (part of check too), and clients from the npm registry.
check-conformance: deps
	$(V)command -v npm >/dev/null || deploy/deps.sh npm
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s all
	$(V)$(PYTHON) tests/conformance/check.py --build $(B)
	$(V)$(PYTHON) tests/conformance/amt.py --build $(B)

# README's two commands on an empty Debian 12.
check-fresh:
	$(V)tests/fresh/fresh.sh $(B)/fresh

check-run: $(DAEMON) tests
	$(V)$(PYTHON) tests/run.py --build $(B) $(ONLY)

tests: $(UNIT) $(CONTRACT) $(TOOLS)

# libFuzzer targets, built by clang with AddressSanitizer; SECONDS_EACH for each.
SECONDS_EACH ?= 60
fuzz: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s B=$(B)/clang CC=clang-14 SANITIZE=fuzzer-no-link,address,undefined fuzzers
	$(V)$(PYTHON) tests/fuzz/run.py --build $(B)/clang --seconds $(SECONDS_EACH)

fuzzers: $(FUZZ)

# Branches of service/ and backends/ that the tests of check and check-crash take; in build/cov/report/.
COV = B=$(B)/cov COVERAGE='--coverage -fprofile-update=atomic' CFLAGS='-O0 -g' SANITIZE=undefined
cov: deps
	$(V)deploy/deps.sh gcovr
	$(V)$(MAKE) -j$$(nproc) --no-print-directory $(COV) all tests
	$(V)find $(B)/cov -name '*.gcda' -delete; chmod -R a+rwX $(B)/cov
	$(V)umask 0 && $(MAKE) --no-print-directory $(COV) check-run
	$(V)mkdir -p $(B)/cov/report
	$(V)gcovr -r . --object-directory $(B)/cov --branches --exclude-throw-branches --gcov-ignore-parse-errors --filter 'service/|backends/' \
	    --txt $(B)/cov/report/branches.txt --html-details $(B)/cov/report/branches.html $(B)/cov
	$(V)tail -n 3 $(B)/cov/report/branches.txt

lint:
	$(V)$(PYTHON) tests/lint/lint.py

# No test: what it prints are ratios and times. ROUNDS= SECONDS= ONLY='Identify 64'
bench: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s all
	$(V)$(PYTHON) tests/bench/bench.py --build $(B) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	    $(if $(SECONDS),--seconds $(SECONDS)) $(if $(ONLY),--only '$(ONLY)')

# Writes the golden replies anew; look at the difference before you commit it.
golden: $(TOOLS)
	$(V)$(PYTHON) tests/golden/golden.py --build $(B) --regenerate

help:
	$(V)sed -n 's/^# \(make .*\)/\1/p' Makefile
	$(V)echo 'make lint, make golden, make clean, make install DESTDIR= PREFIX=/usr'

# --- the stubs that gSOAP makes from the contract ---

$(GEN)/wsman.h: wsdl/snapshot.wsdl wsdl/wsman.wsdl $(wildcard wsdl/xsd/*.xsd) wsdl/typemap.dat
	$(call say,WSDL,$<)
	$(V)mkdir -p $(GEN)
	$(V)cd wsdl && wsdl2h -c -d -P -x -e -t typemap.dat -o $(abspath $@) snapshot.wsdl >$(abspath $(GEN))/wsdl2h.log 2>&1 \
	    || { cat $(abspath $(GEN))/wsdl2h.log >&2; exit 1; }

$(GEN)/soapC.c $(GEN)/soapH.h &: $(GEN)/wsman.h
	$(call say,SOAP,$<)
	$(V)cd $(GEN) && soapcpp2 -2 -c -S -a -L -x -w -I/usr/share/gsoap/import wsman.h >soapcpp2.log 2>&1 \
	    || { cat soapcpp2.log >&2; exit 1; }

$(B)/obj/soapC.o: $(GEN)/soapC.c
	$(call say,CC,$<)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(CPPFLAGS) -std=gnu11 $(HARDEN) $(SANFLAGS) $(CFLAGS) -w -c -o $@ $<

# --- the daemon and its tests ---

$(B)/obj/%.o: %.c | $(GEN)/soapH.h
	$(call say,CC,$<)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(ARCHIVE): $(OBJECTS)
	$(V)rm -f $@ && ar rcs $@ $^

$(DAEMON): $(B)/obj/service/main.o $(ARCHIVE)
	$(call say,LINK,$@)
	$(V)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/unit/%: $(B)/obj/tests/unit/%.o $(ARCHIVE)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcunit

$(CONTRACT): $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/contract/*.c)) $(ARCHIVE)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcunit

# Every allocation of this one can be made to fail: see tests/faults/alloc.h. muldefs: decode.c's soap_malloc.
$(FAULTS): $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/faults/*.c)) $(ARCHIVE)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(LDFLAGS) $(WRAPPED:%=-Wl,--wrap=%) -Wl,-z,muldefs -o $@ $^ -l:libgsoap.a $(LIBS)

# The daemon with a stand-in for each call of tests/calls/calls.def, for itself and its libraries: all of these,
# though it no longer seems to need them.
$(CALLS): $(B)/obj/service/main.o $(B)/obj/tests/calls/calls.o $(ARCHIVE)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(LDFLAGS) -rdynamic -o $@ $^ $(LIBS:-Wl,--as-needed=-Wl,--no-as-needed)

$(TOOLS): $(B)/%: $(B)/obj/tests/%.o $(ARCHIVE)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(ARCHIVE)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

ifeq ($(SANITIZE),thread)
$(DAEMON) $(UNIT) $(CONTRACT) $(TOOLS): $(B)/obj/tests/tsan/suppressions.o
endif

-include $(OBJECTS:.o=.d) $(wildcard $(B)/obj/tests/*/*.d $(B)/obj/service/main.d)

# A Debian package, in build/deb. Version and date are those of the last commit, so that the same commit gives
# the same bytes.
deb: deps
	$(V)deploy/deb.sh $(B)/deb

# The package in an empty Debian: installed, asked, upgraded, removed, purged; and built twice.
check-deb: deps
	$(V)tests/deb/deb.sh $(B)/check-deb

PREFIX ?= /usr
install: all
	install -D -m 755 $(DAEMON) $(DESTDIR)$(PREFIX)/sbin/cimsnapd
	install -d $(DESTDIR)/etc/cimsnapd $(DESTDIR)/etc/pam.d $(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -d -m 700 $(DESTDIR)/var/lib/cimsnapd
	$(DAEMON) --print-sample >$(DESTDIR)/etc/cimsnapd/cimsnapd.conf.sample
	$(DAEMON) --print-man >$(DESTDIR)$(PREFIX)/share/man/man8/cimsnapd.8
	install -m 644 deploy/cimsnapd.pam $(DESTDIR)/etc/pam.d/cimsnapd
	install -D -m 644 deploy/cimsnapd.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/cimsnapd.conf
	install -m 644 deploy/cimsnapd.service deploy/cimsnapd.socket $(DESTDIR)$(PREFIX)/lib/systemd/system/

clean:
	rm -rf $(B)
