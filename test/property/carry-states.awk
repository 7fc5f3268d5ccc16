# carry-states.awk - writes the states of carry.bats, chosen so that every two
# values that can meet do meet, and what is left of |most| by chance:
#   awk -f test/property/carry-states.awk -v most=120 >test/property/carry-states.tsv
# A state is how a request of ours would find a connection, who has the address
# that it goes to, what connection of ours there is, two settings, and what the
# request is; a server that is what it is called (with `unproven`: none that any
# rule accepts) listens at the address. `expected` is read from the
# chapter "Trust" of the project's design, not from the code: who gets it, and
# whether over a connection that was there (old) or one that is opened for it:
#   server-old, server-new, peer-old
#   either-old     nothing is promised but that none is opened
#   nobody         no server is there that is accepted, and none gets it
BEGIN {
	values("how", "address alias id")
	values("peer", "none tcp silent hello bare stranger another trusted wss")
	values("ours", "none same other successor")
	values("reuse", "judged always")
	values("bind", "0 1 expect")
	most = most ? most : 120
	walk(1)
	choose(0)
	further()
	show()
}

function values(name, list) {
	factor[++factors] = name
	values_of[name] = list
	fill(factors)
}
function fill(i,  v, part) {
	size[i] = split(values_of[factor[i]], part, " ")
	for(v = 1; v <= size[i]; v++) value[i, v] = part[v]
}
# further: values that have come later, for which only those are chosen in which
# some meet anew, so that the states before them stay.
function further(  i) {
	values("method", "options ack cancel")
	for(i = 1; i <= chosen; i++) {
		candidate[i] = order[i] = order[i] "\toptions"
		pairs(i, 1)
	}
	values_of["ours"] = values_of["ours"] " lax unproven both"
	for(i = 1; i <= factors; i++) fill(i)
	candidates = 0
	split("", taken)
	most = 1000
	walk(1)
	choose(1)
}
function walk(at,  v) {
	if(at > factors) {
		if(possible()) candidate[++candidates] = printed()
		return
	}
	for(v = 1; v <= size[at]; v++) {
		s[factor[at]] = value[at, v]
		walk(at + 1)
	}
}
function printed(  i, text) {
	for(i = 1; i <= factors; i++) text = text (i > 1 ? "\t" : "") s[factor[i]]
	return text
}

# lax: opened for the name while nothing was enforced, which it is now; unproven:
# likewise, and its server has a certificate of its own making; both: same, and
# then other, which is the newer one. ack: one for which
# nobody asks a name, of no INVITE that is known; cancel: an INVITE, and
# when another name's connection is there its CANCEL, which has to go where that went.
# silent: TCP and not a word; hello: in its handshake; bare: no certificate;
# stranger: one that no server there may have; trusted: one that it may, and
# which is asked for (bind 0 and 1) or expected; another: one that it may, too.
function possible() {
	if(s["peer"] == "none" && s["how"] != "address") return 0
	# those that say nothing, or no Via over TLS or TCP, name no alias
	if(s["how"] == "alias" && s["peer"] ~ /silent|hello|wss/) return 0
	# who is silent may be the one that the operator wants to call
	if(s["reuse"] == "always" && s["peer"] ~ /silent|hello/) return 0
	return 1
}

# ---- the oracle ----

function tls() { return s["peer"] ~ /bare|stranger|another|trusted/ }

# "one that a peer opened serves as a way TO that peer only if its certificate
# would also be accepted from a server there"; "always is the operator's word";
# never one of another protocol; "with bind_to_peer ... only for the name it was
# judged for", and a peer that connects is judged for none, or for the one that is
# expected
function peer_may() {
	if(!tls()) return 0
	if(s["reuse"] == "always") return 1
	if(s["bind"] == "expect") return s["peer"] == "trusted"
	return s["peer"] ~ /trusted|another/ && s["bind"] == "0"
}
# asks for a name, or is for the host that is expected
function named() { return s["method"] != "ack" || s["bind"] == "expect" }
# "a connection carries our requests only in the role it was judged for", and "a
# judgement is of now, and of what is proven": what nobody judged carries nothing
# until it is judged. "with bind_to_peer a connection is reused only for the name"; a successor has
# the name of the one that it replaced; other: for another name that is asked for,
# or was expected
function ours_may() {
	if(s["ours"] ~ /none|unproven/) return 0
	return s["bind"] == "0" || s["ours"] != "other" && named()
}
# with bind_to_peer a server of which no name is asked has to name its address
function new_may() { return s["ours"] != "unproven" && (s["bind"] == "0" || named()) }
function expected() {
	if(s["how"] == "id" && peer_may()) return "peer-old"
	if(peer_may() && ours_may()) return "either-old"
	if(peer_may()) return "peer-old"
	if(ours_may()) return "server-old"
	return new_may() ? "server-new" : "nobody"
}

# ---- the choice ----

function random(below) {
	seed = (seed * 16807) % 2147483647
	return seed % below
}
function is_new(key, take) {
	if(key in met) return 0
	if(take) met[key] = 1
	return 1
}
# What was opened for whom, the name and the method decide together.
function pairs(i, take,  part, a, b, n) {
	split(candidate[i], part, "\t")
	for(a = 1; a < factors; a++)
		for(b = a + 1; b <= factors; b++)
			n += is_new(a "," part[a] "," b "," part[b], take)
	if(factors == 6 && part[4] == "judged")
		n += is_new(part[3] "," part[5] "," part[6], take)
	return n
}
# Down to those that meet no more than |least| pairs anew.
function choose(least,  i, j, t, swap) {
	seed = 4711
	for(i = candidates; i > 1; i--) {
		j = 1 + random(i)
		swap = candidate[i]
		candidate[i] = candidate[j]
		candidate[j] = swap
	}
	for(t = 10; t >= least && chosen < most; t--)
		for(i = 1; i <= candidates && chosen < most; i++)
			if(!(i in taken) && pairs(i, 0) >= t) {
				pairs(i, 1)
				taken[i] = 1
				order[++chosen] = candidate[i]
			}
}
function show(  i, k, part) {
	printf "number"
	for(i = 1; i <= factors; i++) printf "\t%s", factor[i]
	print "\texpected"
	for(i = 1; i <= chosen; i++) {
		split(order[i], part, "\t")
		for(k = 1; k <= factors; k++) s[factor[k]] = part[k]
		print i "\t" order[i] "\t" expected()
	}
}
