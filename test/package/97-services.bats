#!/usr/bin/env bats
# What this project installs for a build or a demo is not started, not enabled,
# and no database: in a root of its own, with a package that brings a service as
# Debian's packages do.
load ../live/helpers

setup_file() {
	[ "$(id -u)" -eq 0 ] || skip "a root of its own needs root"
	FRESH=$BATS_FILE_TMPDIR/fresh
	export FRESH
	cp -a "$("$ROOT/scripts/debian-root")" "$FRESH"
	mkdir -p "$FRESH/mirror" "$FRESH/project"
	cp -a "$ROOT/scripts" "$FRESH/project"
	rm -rf "$FRESH"/etc/apt/sources.list*
	echo 'deb [trusted=yes] file:/mirror ./' >"$FRESH/etc/apt/sources.list"
	echo 'APT::Sandbox::User "root";' >"$FRESH/etc/apt/apt.conf.d/99test"
	# to invoke-rc.d, a machine that runs
	printf '%s\n' '#!/bin/sh' 'echo N 2' | tee "$FRESH/sbin/runlevel" >"$FRESH/sbin/init"
	chmod 755 "$FRESH/sbin/runlevel" "$FRESH/sbin/init"
	with_service lintian # that of a group with this package alone
}
teardown_file() { [ -z "${FRESH:-}" ] || rm -rf "$FRESH"; }

inside() { chroot "$FRESH" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }

# with_service NAME: a package of that name with a unit and a script, which its
# postinst enables and starts in the way of dh_installsystemd and dh_installinit.
with_service() {
	local tree=$BATS_FILE_TMPDIR/$1
	mkdir -p "$tree/DEBIAN" "$tree/lib/systemd/system" "$tree/etc/init.d"
	printf '%s\n' "Package: $1" 'Version: 1' 'Architecture: all' 'Maintainer: none <none@example.com>' \
		'Description: brings a service' >"$tree/DEBIAN/control"
	printf '%s\n' '[Service]' 'ExecStart=/bin/true' '[Install]' 'WantedBy=multi-user.target' >"$tree/lib/systemd/system/$1.service"
	cat >"$tree/etc/init.d/$1" <<-END
		#!/bin/sh
		### BEGIN INIT INFO
		# Provides: $1
		# Required-Start: \$remote_fs
		# Required-Stop: \$remote_fs
		# Default-Start: 2 3 4 5
		# Default-Stop: 0 1 6
		### END INIT INFO
		touch /started
	END
	cat >"$tree/DEBIAN/postinst" <<-END
		#!/bin/sh
		set -e
		update-rc.d $1 defaults
		deb-systemd-helper enable $1.service
		invoke-rc.d $1 start
	END
	chmod 755 "$tree/etc/init.d/$1" "$tree/DEBIAN/postinst"
	dpkg-deb -Znone --root-owner-group -b "$tree" "$FRESH/mirror" >/dev/null
	(cd "$FRESH/mirror" && dpkg-scanpackages -m . >Packages 2>/dev/null)
}

starts_with_the_machine() {
	(cd "$FRESH/etc" && find systemd/system -path '*.wants/*' && find rc[2-5S].d -name 'S[0-9]*') 2>/dev/null | sort
}

@test "installed by apt alone it would start, now and with the machine" {
	cp -a "$FRESH" "$FRESH.apt"
	FRESH=$FRESH.apt
	inside apt-get -qq update
	inside apt-get -qq install -y lintian
	[ -e "$FRESH/started" ]
	starts_with_the_machine | grep 'lintian.service$'
	starts_with_the_machine | grep 'S[0-9]*lintian$'
	rm -rf "$FRESH"
}

@test "installed by scripts/install-deps it does neither, and nothing else has changed" {
	starts_with_the_machine >"$BATS_TEST_TMPDIR/before"
	inside /project/scripts/install-deps lintian
	[ "$(inside dpkg-query -W -f '${db:Status-Status}' lintian)" = installed ]
	[ ! -e "$FRESH/started" ]
	starts_with_the_machine | diff "$BATS_TEST_TMPDIR/before" -
	[ ! -e "$FRESH/usr/sbin/policy-rc.d" ]
}

# The lock of a dpkg of somebody else's, until it is told to give it up.
@test "another apt's lock is waited for" {
	local holder installer
	inside dpkg --purge lintian
	mkfifo "$BATS_TEST_TMPDIR/go"
	perl -e 'use Fcntl; open(my $lock, ">>", $ARGV[0]) or die;
		my $whole = pack("s s l! l! i x4", F_WRLCK, 0, 0, 0, 0);
		fcntl($lock, F_SETLKW, $whole) or die;
		print "held\n"; close(STDOUT);
		open(my $go, "<", $ARGV[1]) or die; <$go>' "$FRESH/var/lib/dpkg/lock-frontend" "$BATS_TEST_TMPDIR/go" >"$BATS_TEST_TMPDIR/held" 3>&- &
	holder=$!
	await grep -q held "$BATS_TEST_TMPDIR/held"
	inside /project/scripts/install-deps lintian 3>&- &
	installer=$!
	await waits_or_ended "$installer"
	echo >"$BATS_TEST_TMPDIR/go"
	wait "$holder"
	wait "$installer"
	[ "$(inside dpkg-query -W -f '${db:Status-Status}' lintian)" = installed ]
}
# apt asks for the lock, sleeps, and asks again.
waits_or_ended() {
	local pid
	kill -0 "$1" 2>/dev/null || return 0
	for pid in $(pgrep -x apt-get); do
		[ "$(readlink "/proc/$pid/root")" = "$FRESH" ] && grep -q nanosleep "/proc/$pid/wchan" 2>/dev/null && return 0
	done
	return 1
}

@test "a demo needs no database" {
	local groups list
	groups=$(cd "$ROOT" && sed -nE 's/^demo:.*\.deps-([a-z]+).*/\1/p' Makefile)
	[ "$groups" = demo ]
	list=$(sed -nE '/^\t(build|demo)\) packages=\(/,/\)/p' "$ROOT/scripts/install-deps" | sed 's/.*packages=(//; s/) ;;//')
	# shellcheck disable=SC2086
	apt-get -s -o Dir::State::status=/dev/null install --no-install-recommends $list >"$BATS_TEST_TMPDIR/all" ||
		skip "this machine has no lists of packages"
	grep -c '^Inst ' "$BATS_TEST_TMPDIR/all"
	! grep -E '^Inst (postgresql|mariadb|mysql|default-mysql|redis|sqlite3)' "$BATS_TEST_TMPDIR/all" || false
}
