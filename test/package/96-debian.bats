#!/usr/bin/env bats
# The Debian package in a fresh Debian: installed, Kamailio serves with it as
# user kamailio, upgraded, removed, purged. As one story: each test goes on
# where the one before has ended.
load ../live/helpers

PACKAGE=kamailio-tls-policy-module
MODULE_FILES=(/usr/bin/tls-policy /usr/share/man/man1/tls-policy.1.gz)

setup_file() {
	[ "$(id -u)" -eq 0 ] || skip "a root of its own needs root"
	new_dir # for its PKI
	FRESH=$BATS_FILE_TMPDIR/fresh
	mkdir "$BATS_FILE_TMPDIR/1" "$BATS_FILE_TMPDIR/2"
	VERSION=$(dpkg-parsechangelog -l "$ROOT/debian/changelog" -S Version)
	"$ROOT/scripts/make-deb" "" "$BATS_FILE_TMPDIR/1"
	"$ROOT/scripts/make-deb" "$VERSION+next" "$BATS_FILE_TMPDIR/2"
	cp -a "$("$ROOT/scripts/debian-root")" "$FRESH"
	mkdir -p "$FRESH/packages" "$FRESH/serve"
	cp "$BATS_FILE_TMPDIR"/[12]/*.deb "$FRESH/packages"
	SERVE_PORT=$(free_port)
	export FRESH VERSION SERVE_PORT
	prepare_service
	everything >"$BATS_FILE_TMPDIR/before"
}

teardown_file() {
	stop_service
	[ -z "${FRESH:-}" ] || rm -rf "$FRESH"
}

inside() { chroot "$FRESH" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }

# What the package depends on is there already: nothing is downloaded.
apt_inside() { inside apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root "$@" 2>&1; }

# What is on the disk, but for what apt, dpkg and the server write about.
everything() {
	(cd "$FRESH" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/cache \
		-o -path ./var/log -o -path ./serve -o -path ./tmp \) -prune -o \
		-printf '%p %y %m %u %g ' \( -type f -printf '%s\n' -o -printf '%l\n' \)) | sort
}

prepare_service() {
	cp -a "$PKI" "$FRESH/serve/pki"
	sed 's|RUNDIR|/serve|' "$ROOT/cfg/tls.cfg" >"$FRESH/serve/tls.cfg"
	phones=$(free_port)
	browsers=$(free_port)
	sed -e "s|:PHONES|:$phones|; s|:BROWSERS|:$browsers|; s|RUNDIR|/serve|" \
		"$ROOT/cfg/tls_policy.cfg" >"$FRESH/serve/tls_policy.cfg"
	sed -e "s|\$def(PHONES_PORT)|$phones|; s|\$def(BROWSERS_PORT)|$browsers|" \
		-e "s|\$def(TLS_PORT)|$SERVE_PORT|; s|\$def(RUN_DIR)|/serve|; s|\"BUILDDIR/tls_policy.so\"|\"tls_policy.so\"|" \
		"$ROOT/cfg/kamailio.cfg" >"$FRESH/serve/kamailio.cfg"
	inside chown -R kamailio:kamailio /serve
}

start_service() {
	chroot "$FRESH" setpriv --reuid=kamailio --regid=kamailio --init-groups \
		kamailio -f /serve/kamailio.cfg -DD -E -m 64 -M 8 -Y /serve -w /serve >"$BATS_FILE_TMPDIR/log" 2>&1 3>&- &
	SERVER=$!
	echo "$SERVER" >"$BATS_FILE_TMPDIR/server"
	await serves
}
serves() { inside kamcmd -s unix:/serve/ctl tls_policy.show >/dev/null 2>&1; }

# Each test is a process of its own: the file tells the next who serves.
stop_service() {
	local server
	[ -e "$BATS_FILE_TMPDIR/server" ] || return 0
	server=$(cat "$BATS_FILE_TMPDIR/server")
	rm "$BATS_FILE_TMPDIR/server"
	kill -TERM "$server" 2>/dev/null || return 0
	SERVER=
	await ended "$server"
}
ended() { ! kill -0 "$1" 2>/dev/null && ! listening "$SERVE_PORT"; }

judges() { # the proxy is accepted, the stranger is not
	"$BUILD/tls_probe" "$SERVE_PORT" "cert=$PKI/trusted.pem" "key=$PKI/trusted.key" || return 1
	! "$BUILD/tls_probe" "$SERVE_PORT" "cert=$PKI/stranger.pem" "key=$PKI/stranger.key"
}

package() { echo "/packages/${PACKAGE}_$1_$(dpkg --print-architecture).deb"; } # VERSION

installed_version() { inside dpkg-query -W -f '${db:Status-Status} ${Version}' "$PACKAGE"; }

@test "it wants exactly the Kamailio that it was built for" {
	local depends version
	depends=$(dpkg-deb -f "$FRESH$(package "$VERSION")" Depends)
	version=$(dpkg-query -W -f '${Version}' kamailio)
	[[ $depends == *"kamailio (= $version)"* ]]
	[[ $depends == *"kamailio-tls-modules (= $version)"* ]]
	[[ $depends == *libssl3* ]]
}

@test "installed: module, command, man page, documentation, example" {
	apt_inside install -y "$(package "$VERSION")"
	[ "$(installed_version)" = "installed $VERSION" ]
	for file in "${MODULE_FILES[@]}" "/usr/share/doc/$PACKAGE/"{README.md,README.gz,tls_policy.html,copyright} \
		"/usr/share/doc/$PACKAGE/examples/"{kamailio.cfg,tls.cfg,tls_policy.cfg} "/usr/share/doc/$PACKAGE/doc/refusals.md"; do
		[ -s "$FRESH$file" ] || { echo "no $file"; false; }
	done
	inside dpkg --verify "$PACKAGE"
	inside tls-policy check --ca /serve/pki/ca.pem --proxy trusted.example.com /serve/pki/trusted.pem
	run inside tls-policy check --ca /serve/pki/ca.pem --proxy trusted.example.com /serve/pki/stranger.pem
	[ "$status" -eq 1 ]
}

@test "Kamailio serves with it as user kamailio" {
	start_service || { tail -n 20 "$BATS_FILE_TMPDIR/log"; false; }
	local uid
	uid=$(inside id -u kamailio)
	grep -qE "^Uid:.$uid.$uid.$uid.$uid$" "/proc/$SERVER/status"
	judges
	inside kamcmd -s unix:/serve/ctl tls_policy.rejections 1 | grep -q certificate-host-mismatch
}

@test "upgraded under a running Kamailio, which goes on; the new one serves after a restart" {
	apt_inside install -y "$(package "$VERSION+next")"
	[ "$(installed_version)" = "installed $VERSION+next" ]
	judges
	stop_service
	start_service
	judges
	stop_service
}

@test "removed and purged: nothing is left" {
	apt_inside remove -y "$PACKAGE"
	[ ! -e "$FRESH/usr/bin/tls-policy" ]
	inside dpkg --purge "$PACKAGE"
	! inside dpkg-query -s "$PACKAGE" || false
	everything >"$BATS_FILE_TMPDIR/after"
	diff "$BATS_FILE_TMPDIR/before" "$BATS_FILE_TMPDIR/after"
}
