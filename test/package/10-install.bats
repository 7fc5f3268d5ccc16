#!/usr/bin/env bats
# `make install` and `make uninstall`, below a DESTDIR of the test's own.
load ../live/helpers

setup() { DESTDIR=$BATS_TEST_TMPDIR/root; }

everything() { find "$DESTDIR" -type f -printf '/%P\n' | sort; }

# another_kamailio FROM TO: what make would have built for another one.
another_kamailio() {
	mkdir "$BATS_TEST_TMPDIR/build"
	cp "$BUILD/tls-policy" "$BATS_TEST_TMPDIR/build/"
	sed "s/$1/$2/" "$BUILD/tls_policy.so" >"$BATS_TEST_TMPDIR/build/tls_policy.so"
	! cmp -s "$BUILD/tls_policy.so" "$BATS_TEST_TMPDIR/build/tls_policy.so"
}

@test "module, command and man page are installed, and nothing is left of them" {
	DESTDIR=$DESTDIR "$ROOT/scripts/install" "$BUILD"
	diff <(everything) <(printf '%s\n' /usr/bin/tls-policy /usr/share/man/man1/tls-policy.1 \
		"$("$ROOT/scripts/kamailio-modules")/tls_policy.so" | sort)
	cmp "$BUILD/tls_policy.so" "$DESTDIR$("$ROOT/scripts/kamailio-modules")/tls_policy.so"
	touch "$DESTDIR/usr/bin/other"
	DESTDIR=$DESTDIR "$ROOT/scripts/install" --remove
	[ "$(everything)" = /usr/bin/other ]
}

@test "a module for another version is not installed, in one sentence" {
	local version
	version=$("$ROOT/scripts/module-strings" "$BUILD/tls_policy.so" | sed -n '1s/^kamailio \([^ ]*\) .*/\1/p')
	another_kamailio "kamailio $version" "kamailio ${version%?}x"
	DESTDIR=$DESTDIR run "$ROOT/scripts/install" "$BATS_TEST_TMPDIR/build"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *"was built for kamailio ${version%?}x ("*"but kamailio $version ("*"is installed: build it anew (make clean build)" ]]
	[ ! -e "$DESTDIR" ]
}

@test "a module with other flags is not installed, in one sentence" {
	another_kamailio "USE_RAW_SOCKS" "USE_LAW_SOCKS"
	DESTDIR=$DESTDIR run "$ROOT/scripts/install" "$BATS_TEST_TMPDIR/build"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *"with other flags than the installed one (USE_LAW_SOCKS USE_RAW_SOCKS): build it anew"* ]]
	[ ! -e "$DESTDIR" ]
}

@test "what a package has installed is not touched" {
	local file
	file=$(command -v kamcmd)
	# the script's own look, at a file that surely is a package's
	run bash -c "$(sed -n '/^of_package()/,/^}/p' "$ROOT/scripts/install"); dest=; of_package $file"
	[ "$status" -eq 0 ]
	[ "$output" = "$file belongs to the package kamailio: remove that first (apt-get remove kamailio)" ]
}
