# SPDX-License-Identifier: GPL-2.0-or-later
#
# make demo    installs what is missing, builds, and takes a snapshot of a real machine
# make run     leaves a demo set-up running in the foreground; PORT= URI=
# make check   installs what is missing, builds, and runs the tests; ONLY="words" those whose names have one of them
# make all     builds only
# make deps    installs only
# make tests   builds the programs of the tests
# make lint    the source's own rules
# make golden  writes the golden replies anew
# make deb     a Debian package, in build/deb
# make install into DESTDIR=, below PREFIX=/usr
# make clean   removes build/
# make help    lists these
#
# make check-asan         the tests with sanitizers
# make check-tsan         the tests with ThreadSanitizer
# make check-valgrind     unit and golden tests under memcheck
# make check-faults       every allocation fails in turn; ALL=1 for those on a QEMU machine too
# make check-long         these four, in turn
# make check-calls        every call into the system, SQLite and libvirt fails in turn
# make check-world        what the service needs breaks: machines, disks, the clock, its store
# make check-crash        kill -9 of daemon and libvirtd at every step; ALL=1 for more machines
# make check-kill         kill -9 at KILLS=200 random moments, in MINUTES=30 at most; SEED=
# make check-conformance  the rules of the specifications, and clients from the npm registry
# make check-fresh        the first two commands on an empty Debian 12
# make check-deb          the package on an empty Debian 12
# make fuzz               libFuzzer targets, SECONDS_EACH=60 for each
# make soak               MINUTES=30 of mixed load with faults: nothing may grow or get lost; SEED=
# make bench              the daemon beside nginx, and CreateSnapshot beside libvirt's own; under five minutes
# make cov                branches that the tests take; COV_TIERS= KEEP=1
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
BENCH_TOOLS := $(B)/bench/resume $(B)/bench/calls
FAULTS := $(patsubst %,$(B)/faults/%,faults golden backend daemon)
CALLS := $(B)/calls/cimsnapd
comma := ,
WRAPPED := malloc calloc realloc reallocarray strdup strndup asprintf
WRAPPED_LIBRARIES := HMAC arena_alloc arena_strdup arena_strndup arena_printf $(shell sed -nE 's,^(LIBRARY.|CALL.[a-z]+. )([a-zA-Z0-9_]+).*,\2,p' tests/faults/library.def tests/calls/calls.def)

.PHONY: all deb check-deb deps demo run check check-long check-asan check-tsan check-valgrind check-faults faults faults-run check-calls calls calls-run check-world world-run check-crash crash-run long-run check-kill soak check-conformance check-fresh check-run tests fuzz fuzzers lint bench cov cov-report golden install clean help
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

# Every allocation fails in turn. The programs are of the build of check-asan.
check-faults: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory B=$(B)/asan SANITIZE=address,undefined CFLAGS='-O1 -g' all faults
	$(V)$(MAKE) --no-print-directory B=$(B)/asan faults-run

faults: $(FAULTS)

# With ALL=1 those of the backend on a QEMU machine too.
faults-run:
	$(V)$(B)/faults/faults tests/golden/pairs
	$(V)$(PYTHON) tests/faults/pairs.py --build $(B)
	$(V)$(PYTHON) tests/faults/daemons.py --build $(B)
	$(V)$(PYTHON) tests/faults/backends.py --build $(B) $(if $(ALL),,--no-qemu)

# Every call into the system, SQLite and libvirt fails in turn, while a real daemon works.
check-calls: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory B=$(B)/asan SANITIZE=address,undefined CFLAGS='-O1 -g' all calls
	$(V)$(MAKE) --no-print-directory B=$(B)/asan calls-run

calls: $(CALLS)

calls-run:
	$(V)$(PYTHON) tests/calls/calls.py --build $(B)

# What the service needs breaks: machines, disks, the clock, files, descriptors, memory, its store.
check-world: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s all
	$(V)$(MAKE) --no-print-directory world-run

world-run: $(B)/world/clock.so
	$(V)$(PYTHON) tests/world/world.py --build $(B)

$(B)/world/clock.so: tests/world/clock.c
	$(V)mkdir -p $(@D)
	$(V)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $<

check-long: check-asan check-tsan check-valgrind check-faults

# kill -9 of the daemon, and outages of libvirtd, at every step of what it does, with a daemon that has the
# places for it compiled in.
check-crash: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s B=$(B)/hooks DEFINES=-DCIMSNAPD_HOOKS all
	$(V)$(MAKE) --no-print-directory B=$(B)/hooks crash-run

crash-run:
	$(V)$(PYTHON) tests/crash/crash.py --build $(B)
	$(V)$(PYTHON) tests/crash/outage.py --build $(B)
	$(V)$(PYTHON) tests/crash/life.py --build $(B) $(if $(ALL),,--skip 'test_restart|destroys_one|some_disks')
	$(V)$(PYTHON) tests/crash/rename.py --build $(B)

# kill -9 of the daemon at KILLS random moments, while it creates, applies, destroys and renames, in MINUTES at most.
# SEED= repeats a run.
KILLS ?= 200
MINUTES ?= 30
check-kill: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s all
	$(V)$(PYTHON) tests/crash/kill.py --build $(B) --kills $(KILLS) --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

# Mixed load with faults at random for MINUTES: nothing grows, nothing is lost. SEED= repeats what is asked for.
soak: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s all
	$(V)$(PYTHON) tests/soak/soak.py --build $(B) --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

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

# Those that run.py leaves to check-asan.
long-run:
	$(V)$(PYTHON) tests/run.py --build $(B) --long

tests: $(UNIT) $(CONTRACT) $(TOOLS)

# libFuzzer targets, built by clang with AddressSanitizer; SECONDS_EACH for each.
SECONDS_EACH ?= 60
fuzz: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s B=$(B)/clang CC=clang-14 SANITIZE=fuzzer-no-link,address,undefined fuzzers
	$(V)$(PYTHON) tests/fuzz/run.py --build $(B)/clang --seconds $(SECONDS_EACH)

fuzzers: $(FUZZ)

# Branches of service/ and backends/ that the tests take, all tiers added up; in build/cov/report/. COV_TIERS=check is the
# short form; KEEP=1 adds to what was counted before. No sanitizer: its own checks would count as branches. Daemons that
# the crash tests' hooks kill count until then; those killed from outside do not.
COV_TIERS ?= check long faults calls crash world
COV = B=$(B)/cov COVERAGE='--coverage -fprofile-update=atomic' CFLAGS='-O0 -g' HARDEN=-fPIE \
      DEFINES='-DCIMSNAPD_HOOKS -DCIMSNAPD_COVERAGE' ALL=1
cov: deps
	$(V)deploy/deps.sh gcovr
	$(V)$(MAKE) -j$$(nproc) --no-print-directory $(COV) all tests faults calls
	$(V)$(if $(KEEP),,find $(B)/cov -name '*.gcda' -delete;) chmod -R a+rwX $(B)/cov
	$(V)umask 0 && $(MAKE) -k -j1 --no-print-directory $(COV) $(COV_TIERS:%=%-run); status=$$?; \
	    $(MAKE) --no-print-directory cov-report && exit $$status

cov-report:
	$(V)mkdir -p $(B)/cov/report
	$(V)gcovr -r . --object-directory $(B)/cov --branches --exclude-throw-branches --exclude-unreachable-branches \
	    --gcov-ignore-parse-errors --filter 'service/|backends/' \
	    --txt $(B)/cov/report/branches.txt --html-details $(B)/cov/report/branches.html $(B)/cov
	$(V)tail -n 3 $(B)/cov/report/branches.txt

lint:
	$(V)$(PYTHON) tests/lint/lint.py

# No test: what it prints are ratios and times. ROUNDS= SECONDS= ONLY='Identify 64'
bench: deps
	$(V)$(MAKE) -j$$(nproc) --no-print-directory -s all $(BENCH_TOOLS)
	$(V)$(PYTHON) tests/bench/bench.py --build $(B) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	    $(if $(SECONDS),--seconds $(SECONDS)) $(if $(ONLY),--only '$(ONLY)')

# Writes the golden replies anew; look at the difference before you commit it.
golden: $(TOOLS)
	$(V)$(PYTHON) tests/golden/golden.py --build $(B) --regenerate

help:
	$(V)sed -n 's/^# \(make .*\)/\1/p' Makefile

# --- the stubs that gSOAP makes from the contract ---

$(GEN)/wsman.h: wsdl/snapshot.wsdl wsdl/wsman.wsdl $(wildcard wsdl/xsd/*.xsd) wsdl/typemap.dat wsdl/headers.awk
	$(call say,WSDL,$<)
	$(V)mkdir -p $(GEN)
	$(V)cd wsdl && wsdl2h -c -d -P -x -e -t typemap.dat -o $(abspath $@).by-name snapshot.wsdl >$(abspath $(GEN))/wsdl2h.log 2>&1 \
	    || { cat $(abspath $(GEN))/wsdl2h.log >&2; exit 1; }
	$(V)awk -f wsdl/headers.awk $@.by-name >$@

$(GEN)/soapC.c $(GEN)/soapH.h &: $(GEN)/wsman.h
	$(call say,SOAP,$<)
	$(V)cd $(GEN) && soapcpp2 -2 -c -S -a -L -x -w -I/usr/share/gsoap/import wsman.h >soapcpp2.log 2>&1 \
	    || { cat soapcpp2.log >&2; exit 1; }

$(B)/obj/soapC.o: $(GEN)/soapC.c
	$(call say,CC,$<)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(CPPFLAGS) -Dsoap_instring=gsoap_text -std=gnu11 $(HARDEN) $(SANFLAGS) $(CFLAGS) -w -c -o $@ $<

# --- the daemon and its tests ---

$(B)/obj/%.o: %.c | $(GEN)/soapH.h
	$(call say,CC,$<)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) -MD -MP -c -o $@ $<

$(ARCHIVE): $(OBJECTS)
	$(V)rm -f $@ && ar rcs $@ $^

$(DAEMON): $(B)/obj/service/main.o $(ARCHIVE)
	$(call say,LINK,$@)
	$(V)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# Those in which calls fail: see tests/faults/alloc.h.
UNIT_FAULTS := $(patsubst %,$(B)/unit/test_%,certificate ntlm pam)
$(UNIT_FAULTS): $(B)/obj/tests/faults/alloc.o $(B)/obj/tests/faults/library.o
$(UNIT_FAULTS): LDFLAGS += $(patsubst %,-Wl$(comma)--wrap=%,$(WRAPPED) $(WRAPPED_LIBRARIES))

$(B)/unit/%: $(B)/obj/tests/unit/%.o $(ARCHIVE)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(ARCHIVE) $(LIBS) -lcunit

$(CONTRACT): $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/contract/*.c)) $(ARCHIVE)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcunit

# Every allocation of these can be made to fail: see tests/faults/alloc.h. muldefs: decode.c's soap_malloc.
$(B)/faults/faults: $(B)/obj/tests/faults/faults.o $(B)/obj/tests/faults/flow.o
$(B)/faults/golden: $(B)/obj/tests/golden/golden.o $(B)/obj/tests/faults/rehearse.o $(B)/obj/tests/faults/library.o
$(B)/faults/backend: $(B)/obj/tests/faults/backend.o $(B)/obj/tests/faults/steps.o $(B)/obj/tests/faults/library.o
$(B)/faults/daemon: $(B)/obj/tests/faults/daemon.o $(B)/obj/tests/faults/main.o $(B)/obj/tests/faults/library.o
$(B)/faults/golden $(B)/faults/backend $(B)/faults/daemon: WRAPPED += $(WRAPPED_LIBRARIES)
$(FAULTS): $(B)/obj/tests/faults/alloc.o $(ARCHIVE)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(LDFLAGS) $(WRAPPED:%=-Wl,--wrap=%) -Wl,-z,muldefs -o $@ $(filter %.o,$^) $(ARCHIVE) -l:libgsoap.a $(LIBS)

$(B)/obj/tests/faults/main.o: $(B)/obj/service/main.o
	$(V)mkdir -p $(@D)
	$(V)objcopy --redefine-sym main=daemon_main $< $@

# The daemon with a stand-in for each call of tests/calls/calls.def, for itself and its libraries: all of these,
# though it no longer seems to need them.
$(CALLS): $(B)/obj/service/main.o $(B)/obj/tests/calls/calls.o $(ARCHIVE)
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(LDFLAGS) -rdynamic -o $@ $^ $(LIBS:-Wl,--as-needed=-Wl,--no-as-needed)

$(TOOLS) $(BENCH_TOOLS): $(B)/%: $(B)/obj/tests/%.o $(ARCHIVE)
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
