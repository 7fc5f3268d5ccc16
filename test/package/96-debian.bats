#!/usr/bin/env bats
# The Debian package in a fresh Debian: installed, Kamailio serves with it as
# user kamailio, upgraded, removed, purged. As one story: each test goes on
# where the one before has ended.
load ../live/helpers
load ../lib/page

export PAGE=$ROOT/doc/operating.md # its blocks about the package
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
	KAMAILIO=$(dpkg-query -W -f '${Version}' kamailio)
	SERVE_PORT=$(free_port)
	export FRESH VERSION KAMAILIO SERVE_PORT
	own_mirror
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
		-o -path ./var/log -o -path ./run -o -path ./packages -o -path ./serve -o -path ./tmp \) -prune -o \
		-printf '%p %y %m %u %g ' \( -type f -printf '%s\n' -o -printf '%l\n' \)) | sort
}

# What may be installed is here, and nothing is asked of a network.
own_mirror() {
	mkdir "$FRESH/packages/mirror" "$FRESH/packages/here"
	rm -rf "$FRESH"/etc/apt/sources.list*
	echo 'deb [trusted=yes] file:/packages/mirror ./' >"$FRESH/etc/apt/sources.list"
	printf '%s\n' 'APT::Sandbox::User "root";' 'Dpkg::Use-Pty "0";' >"$FRESH/etc/apt/apt.conf.d/99test"
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
	for file in "${MODULE_FILES[@]}" "/usr/share/doc/$PACKAGE/"{README.md,modules/tls_policy/README,tls_policy.html,copyright} \
		"/usr/share/doc/$PACKAGE/examples/"{kamailio.cfg,tls.cfg,tls_policy.cfg} "/usr/share/doc/$PACKAGE/doc/refusals.md"; do
		[ -s "$FRESH$file" ] || { echo "no $file"; false; }
	done
	inside dpkg --verify "$PACKAGE"
	inside tls-policy check --ca /serve/pki/ca.pem --proxy trusted.example.com /serve/pki/trusted.pem
	run inside tls-policy check --ca /serve/pki/ca.pem --proxy trusted.example.com /serve/pki/stranger.pem
	[ "$status" -eq 1 ]
}

@test "what its pages link to is in the package" {
	local page target links=0
	cd "$FRESH/usr/share/doc/$PACKAGE" || return 1
	while IFS=: read -r page target; do
		links=$((links + 1))
		[ -e "${page%/*}/$target" ] || { echo "$page: $target" && false; }
	done < <(grep -roE --include='*.md' '\]\([^)#:]+[#)]' . | sed -E 's/\]\(//; s/[#)]$//')
	[ "$links" -gt 100 ]
}

@test "Kamailio serves with it as user kamailio" {
	start_service || { tail -n 20 "$BATS_FILE_TMPDIR/log"; false; }
	local uid
	uid=$(inside id -u kamailio)
	grep -qE "^Uid:.$uid.$uid.$uid.$uid$" "/proc/$SERVER/status"
	judges
	inside kamcmd -s unix:/serve/ctl tls_policy.rejections 1 | grep -q certificate-host-mismatch
}

@test "what root may read and Kamailio may not is found by the page's line" {
	local file=$FRESH/etc/kamailio/tls_policy.cfg
	cp "$FRESH/serve/tls_policy.cfg" "$file"
	chmod 600 "$file"
	inside tls-policy check-config /etc/kamailio/tls_policy.cfg
	run types_inside "Operating: what to type when" 2
	[ "$status" -ne 0 ]
	[[ $output == *"/etc/kamailio/tls_policy.cfg"*"Permission denied"* ]]
	inside chown kamailio /etc/kamailio/tls_policy.cfg
	types_inside "Operating: what to type when" 2
	rm "$file"
}

@test "the limit for many peers at once is higher than that of Linux" {
	local file=$FRESH/etc/sysctl.d/60-kamailio.conf key value
	mkdir "${file%/*}" # procps has it, and this root has no procps
	inside sh -ec "$(DIR=$BATS_TEST_TMPDIR PAGE=$PAGE pick 'Many peers that reconnect at once|sh|1' | head -n 1)"
	IFS=' =' read -r key value <"$file"
	[ "$key" = net.core.wmem_default ] # socket(7); not in each network namespace
	[ "$value" -gt 212992 ]
	rm -r "${file%/*}"
}

@test "the drop-in is the unit's own line with -x fm, and Kamailio starts by it" {
	local line drop_in=$FRESH/etc/systemd/system/kamailio.service.d
	inside sh -ec "$(DIR=$BATS_TEST_TMPDIR PAGE=$PAGE pick 'Many handshakes: another memory manager|sh|1' | head -n 1)"
	line=$(sed -n 's/^ExecStart=//p' "$drop_in/fm.conf" | tail -n 1)
	[ "$line" = "$(sed -n 's/^ExecStart=//p' "$FRESH/usr/lib/systemd/system/kamailio.service") -x fm" ]
	rm -r "$drop_in"
	stop_service
	mkdir -p "$FRESH/run/kamailio"
	inside chown kamailio:kamailio /run/kamailio
	chroot "$FRESH" setpriv --reuid=kamailio --regid=kamailio --init-groups \
		env CFGFILE=/serve/kamailio.cfg SHM_MEMORY=64 PKG_MEMORY=8 sh -ec "$line" >"$BATS_FILE_TMPDIR/log" 2>&1 3>&- || {
		cat "$BATS_FILE_TMPDIR/log"
		false
	}
	await serves
	SERVER=$(cat "$FRESH/run/kamailio/kamailio.pid")
	echo "$SERVER" >"$BATS_FILE_TMPDIR/server"
	tr '\0' ' ' <"/proc/$SERVER/cmdline" | grep -- '-x fm'
	judges
	stop_service
	start_service
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

# A Kamailio of another version comes from a mirror of the test's own: what is
# installed here, with the scripts that Debian's packages have. No service is
# started; what the module was when one would have been is noted.
@test "Kamailio is upgraded: alone it is held back, in one step with the module it is restarted once both are there" {
	local module name next
	another_kamailio
	module=$(cd "$FRESH" && compgen -G 'usr/lib/*/kamailio/modules/tls_policy.so')
	next=$(sha256sum <"$BATS_FILE_TMPDIR/repacked/$PACKAGE/$module")
	[ "$next" != "$(sha256sum <"$FRESH/$module")" ]
	keeps_back upgrade
	if full_upgrade_removes; then
		inside apt-get -s full-upgrade | grep "^Remv $PACKAGE "
	else
		keeps_back full-upgrade
	fi
	types_inside "Upgrade Kamailio" 1
	keeps_back full-upgrade
	types_inside "Upgrade Kamailio" 2
	[ "$(inside dpkg-query -W -f '${Version}' kamailio)" = "$KAMAILIO+next" ]
	[ "$(installed_version)" = "installed $VERSION+next2" ]
	grep -F "restart) $next" "$FRESH/packages/asked"
	! grep -vF "restart) $next" "$FRESH/packages/asked" || false
	start_service
	judges
	stop_service
}

keeps_back() { # COMMAND of apt-get
	inside apt-get -s "$1" | grep -A 1 'kept back:' | grep -E '^ +kamailio kamailio-tls-modules$'
}

another_kamailio() {
	local name version=$KAMAILIO
	for name in kamailio kamailio-tls-modules; do
		repacked "$name"
		dpkg-deb -Znone --root-owner-group -b "$BATS_FILE_TMPDIR/repacked/$name" "$FRESH/packages/mirror" >/dev/null
	done
	name=$BATS_FILE_TMPDIR/repacked/$PACKAGE
	dpkg-deb -R "$FRESH$(package "$VERSION+next")" "$name"
	sed -i "s/(= $version)/(= $version+next)/g; s/^Version: .*/Version: $VERSION+next2/" "$name/DEBIAN/control"
	rm "$name/DEBIAN/md5sums"
	echo another >>"$(compgen -G "$name/usr/lib/*/kamailio/modules/tls_policy.so")"
	dpkg-deb -Znone --root-owner-group -b "$name" "$FRESH/packages/here" >/dev/null
	(cd "$FRESH/packages/mirror" && dpkg-scanpackages -m . >Packages 2>/dev/null)
	printf '%s\n' '#!/bin/sh' "echo \"\$2 \$(cat /usr/lib/*/kamailio/modules/tls_policy.so | sha256sum)\" >>/packages/asked" \
		'exit 101' >"$FRESH/usr/sbin/policy-rc.d"
	chmod 755 "$FRESH/usr/sbin/policy-rc.d"
	inside apt-get -qq update
}

# repacked NAME: a tree for dpkg-deb of what is installed in the root.
repacked() {
	local tree=$BATS_FILE_TMPDIR/repacked/$1 part info
	info=$(compgen -G "$FRESH/var/lib/dpkg/info/$1.list" || compgen -G "$FRESH/var/lib/dpkg/info/$1:*.list")
	info=${info%.list}
	mkdir -p "$tree/DEBIAN"
	(cd "$FRESH" && sed 's|^/||' "$info.list" | while read -r part; do
		if [ -f "$part" ]; then echo "$part"; fi
	done | tar -c -T - | tar -x -C "$tree")
	for part in preinst postinst prerm postrm conffiles triggers; do
		[ ! -e "$info.$part" ] || cp "$info.$part" "$tree/DEBIAN/$part"
	done
	inside dpkg-query -s "$1" | sed -e '/^Status:/d; /^Conffiles:/,/^[A-Z]/{/^Conffiles:/d; /^ /d}' \
		-e "s/$KAMAILIO/$KAMAILIO+next/g" >"$tree/DEBIAN/control"
}

# types_inside HEADING NUMBER: a block of the page, in the root.
types_inside() {
	DIR=$BATS_TEST_TMPDIR block "$1" sh "$2"
	inside sh -ec "cd /packages/here; $(cat "$BATS_TEST_TMPDIR/block")"
}
put_in() { sed 's/^apt-get remove/& -y/'; }

@test "removed and purged: nothing is left" {
	rm -f "$FRESH/usr/sbin/policy-rc.d"
	types_inside "Undo everything" 4
	[ ! -e "$FRESH/usr/bin/tls-policy" ]
	inside dpkg --purge "$PACKAGE"
	! inside dpkg-query -s "$PACKAGE" || false
	everything >"$BATS_FILE_TMPDIR/after"
	diff "$BATS_FILE_TMPDIR/before" "$BATS_FILE_TMPDIR/after"
}
