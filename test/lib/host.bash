# host - what a test must know of the installed Kamailio and OpenSSL because they
# differ between the releases: the only place that does.
# shellcheck shell=bash

# threads_mode N: the line that sets tls_threads_mode, where the core has it.
has_threads_mode() { grep -aq ksr_tls_threads_mode "$(command -v kamailio)"; }
threads_mode() { ! has_threads_mode || echo "tls_threads_mode=$1"; }

# cures_fork: does it keep OpenSSL's state apart unless it is told otherwise?
cures_fork() { has_threads_mode; }

# workers_that_log: so many, where lines are counted: later cores write one in pieces,
# and two processes that log at once tear each other's.
workers_that_log() { if has_threads_mode; then echo 1; else echo 4; fi; }

# go_knows_rfc7627: the extended master secret, without which no renegotiation is begun.
go_knows_rfc7627() { printf '%s\n' go1.21 "$(go version | cut -d' ' -f3)" | sort -VC; }

# full_upgrade_removes: what stands in the way of an upgrade? Later ones keep that back.
full_upgrade_removes() { dpkg --compare-versions "$(dpkg-query -W -f '${Version}' apt)" lt 3.1; }

# microsoft_roots: how many of them ca-certificates has; Mozilla has dropped one.
microsoft_roots() { if [ -e /usr/share/ca-certificates/mozilla/DigiCert_Global_Root_CA.crt ]; then echo 7; else echo 6; fi; }

# message_time PARAMETER SECONDS: the lines that make it close a connection whose
# message does not come in time, and look soon; where it does that at all.
times_messages() { grep -aq ksr_tcp_msg_read_timeout "$(command -v kamailio)"; }
message_time() { ! times_messages || printf '%s\n' "$1=$2" tcp_check_timer=1; }
