# SPDX-License-Identifier: GPL-2.0-or-later
#
# Only forwards: the kernel is built by Kbuild (scripts/kbuild), user space by Meson, the rest is
# in scripts/. Output goes to build/ and out/.

PREFIX ?= /usr/local
DESTDIR ?=
# Kernel releases to build modules for; empty means the running one if its headers are installed,
# else those we test with.
KERNELS ?=
USER_BUILD := build/user

export PREFIX DESTDIR KERNELS

all: user kernel

help:
	@echo 'make              build user space and the modules'
	@echo 'make demo         a call comes on a simulated line, in a VM; results in out/demo'
	@echo 'make demo CARD=tdm400   a call comes and a call is made on a PCI card made of software'
	@echo 'make check        build with warnings as errors, run all tests on the host and in the VM'
	@echo 'make check-fast   the same without the VM'
	@echo 'make check-card   the driver of PCI cards on our model of one, in the VM'
	@echo 'make check-card-peer   the driver of DAHDI on our model of the PCI card'
	@echo 'make check-debug  the tests of the kernel part on a debug kernel, built at the first run'
	@echo 'make bench        measure, each number beside a peer; table and plot in out/bench'
	@echo 'make install      install (DESTDIR, PREFIX=$(PREFIX), KERNELS); also uninstall'
	@echo 'make bootstrap    install what is missing from Debian (demo and check do it)'
	@echo 'make user, kernel the two halves of "make"; make clean'

user:
	@scripts/meson-build $(USER_BUILD) --prefix '$(PREFIX)'

kernel:
	@for release in $$(scripts/install --kernels); do scripts/kbuild $$release || exit; done

demo:
	@scripts/$@ '$(CARD)'

bench:
	@scripts/bootstrap $@
	@scripts/$@

check:
	@scripts/bootstrap check
	@scripts/check

check-debug:
	@scripts/bootstrap check-debug
	@scripts/check-debug

check-fast:
	@scripts/bootstrap check
	@scripts/check --fast

check-card:
	@scripts/bootstrap check
	@scripts/check tests/lanes/20-kernel.t tests/lanes/40-userspace.t tests/card/*.t

check-card-peer:
	@scripts/bootstrap check
	@scripts/$@

install: all
	@scripts/install $@

uninstall: user
	@scripts/install $@

bootstrap:
	@scripts/bootstrap

clean:
	rm -rf build out

.PHONY: all help user kernel demo bench check check-debug check-fast check-card check-card-peer install uninstall bootstrap clean
