# live-states.awk - writes the states of live.bats, chosen so that every three
# values that can meet do meet; what is left of |most| is chosen by chance:
#   awk -f test/property/live-states.awk -v most=300 >test/property/live-states.tsv
# A state is a peer, the session it comes with, what changes (for this peer, or
# for others only), when, and what is in progress then. `expected` is read from
# the chapter "Trust" of the project's design, not from the code:
#   full, resumed  it is let in by such a handshake, and its SIP is parsed
#   in             by either
#   out            its SIP is not parsed, and the connection ends
#   alive          the connection stays
#   either         nothing is promised
BEGIN {
	values("peer", "client server")
	values("version", "1.2 1.3")
	values("session", "full ticket id chain") # chain: a ticket of a ticket
	values("name", "same other retry")        # retry: another after HelloRetryRequest
	values("domain", "default sni")
	values("change", "none version proxies anchors crl purpose")
	values("whom", "this others")             # is this peer unacceptable from then on?
	values("moment", "before between after")
	values("progress", "nothing held cut half")
	values("passed", "0 1 2")                 # records before what is held or cut
	most = most ? most : 300
	walk(1)
	choose()
	show()
}

function values(name, list) {
	factors++
	factor[factors] = name
	size[factors] = split(list, part, " ")
	for(v = 1; v <= size[factors]; v++) value[factors, v] = part[v]
}

# Every state that there is.
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

function possible() {
	if(s["peer"] == "server" && (s["session"] != "full" || s["domain"] != "default")) return 0 # we offer none
	if(s["peer"] == "server" && (s["name"] != "same" || s["change"] == "purpose")) return 0
	if(s["session"] == "id" && s["version"] != "1.2") return 0
	if(s["name"] == "retry" && (s["version"] != "1.3" || s["progress"] != "nothing")) return 0
	if(s["name"] == "other" && s["session"] == "full") return 0
	if(s["change"] == "none" && s["whom"] == "this") return 0
	# a session is of a peer that was acceptable
	if(s["moment"] == "before" && s["progress"] != "nothing") return 0
	if(s["progress"] == "nothing" && s["passed"] != "0") return 0
	if(s["progress"] == "half" && (s["moment"] != "after" || s["version"] != "1.3" || s["passed"] != "0")) return 0
	if(s["moment"] == "between" && s["session"] != "full" && s["passed"] == "2") return 0 # it has fewer
	if(s["moment"] == "after" && s["progress"] ~ /held|cut/) {
		# a renegotiation, or post-handshake authentication, which servers have not
		if(s["peer"] == "server" && s["version"] == "1.3") return 0
	}
	return 1
}

# ---- the oracle ----

function about_chain() { return s["change"] ~ /^(anchors|crl|purpose)$/ }
function resumes() { return s["session"] != "full" && s["name"] == "same" }

function expected() {
	# "A second ClientHello with another server name is refused."
	if(s["name"] == "retry") return "out"
	# "At every last word ... judged by ... that moment"; "nothing in progress
	# postpones a judgement"
	if(s["whom"] == "this") return "out"
	if(s["moment"] == "before") return resumes() ? "resumed" : "full"
	if(s["moment"] == "between") return between()
	return afterwards()
}
function between() {
	# "resumed only where the first still holds ... Else: a full handshake"
	if(!resumes()) return "full"
	if(about_chain() && s["progress"] == "nothing") return "full"
	if(about_chain() && s["passed"] == "0") return "full" # no whole hello was there
	# it is being resumed: "it cannot be judged"
	if(about_chain()) return "out"
	# "names are judged anew from the leaf"; by id nobody judges
	if(s["change"] == "none" || (s["change"] == "proxies" && s["session"] != "id")) return "resumed"
	return "in"
}
function afterwards() {
	# "A resumed connection by ticket has no chain ... closed"; by id it has
	if(resumes() && about_chain()) {
		if(s["session"] == "id") return "either"
		return s["progress"] ~ /held|cut/ ? "either" : "out"
	}
	if(s["progress"] == "half") return "alive"
	return resumes() ? "resumed" : "full"
}

# ---- the choice ----

function random(below) {
	seed = (seed * 16807) % 2147483647
	return seed % below
}
function triples(i, take,  part, a, b, c, n, key) {
	split(candidate[i], part, "\t")
	for(a = 1; a < factors - 1; a++)
		for(b = a + 1; b < factors; b++)
			for(c = b + 1; c <= factors; c++) {
				key = a "," part[a] "," b "," part[b] "," c "," part[c]
				if(!(key in met)) {
					n++
					if(take) met[key] = 1
				}
			}
	return n
}
function choose(  i, j, t, swap) {
	seed = 4711
	for(i = candidates; i > 1; i--) {
		j = 1 + random(i)
		swap = candidate[i]
		candidate[i] = candidate[j]
		candidate[j] = swap
	}
	for(t = 80; t >= 0 && chosen < most; t = t > 1 ? int(t * 0.75) : t - 1)
		for(i = 1; i <= candidates && chosen < most; i++)
			if(!(i in taken) && triples(i, 0) >= t) {
				triples(i, 1)
				taken[i] = ++chosen
				order[chosen] = i
			}
}
function show(  i, k, part) {
	printf "number"
	for(i = 1; i <= factors; i++) printf "\t%s", factor[i]
	print "\texpected"
	for(i = 1; i <= chosen; i++) {
		split(candidate[order[i]], part, "\t")
		for(k = 1; k <= factors; k++) s[factor[k]] = part[k]
		print i "\t" candidate[order[i]] "\t" expected()
	}
}
