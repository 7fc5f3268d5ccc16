# rows - the lines "SCENE SERVER ROUND ok=N ... cpu_us=N" of test/bench/rows.bash
# as one table for each scene; with ratios=1 instead the ratios of CPU time that
# are claimed: the median of what each round gives, since its two are neighbours
# in time.

function value(name,   i, pair) {
	for(i = 4; i <= NF; i++) {
		split($i, pair, "=")
		if(pair[1] == name)
			return pair[2] + 0
	}
	return 0
}

{
	key = $1 " " $2
	if(!($1 in servers))
		scenes[++scene_count] = $1
	if(!(key in rounds))
		servers[$1] = servers[$1] " " $2
	cpu[key, ++rounds[key]] = value("cpu_us")
	whole[key, rounds[key]] = value("ok") > 0 && value("failed") == 0
	ok[key] += value("ok")
	failed[key] += value("failed")
	resumed[key] += value("resumed")
}

# Sorted copy of |from| into list[1..count].
function sort_into(list, count,   i, j, kept) {
	for(i = 2; i <= count; i++) {
		kept = list[i]
		for(j = i - 1; j > 0 && list[j] > kept; j--)
			list[j + 1] = list[j]
		list[j + 1] = kept
	}
}

function middle(list, count) {
	sort_into(list, count)
	return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
}

function cpu_of(key,   i, list) {
	for(i = 1; i <= rounds[key]; i++)
		list[i] = cpu[key, i]
	median = middle(list, rounds[key])
	least = list[1]
	most = list[rounds[key]]
	return median
}

# CPU of |over| in units of |under|; 0 if one of them was not measured in each round,
# or not all of its connections.
function ratio(scene, over, under,   i, list, count) {
	count = rounds[scene " " over]
	for(i = 1; i <= count; i++) {
		if(!whole[scene " " over, i] || !whole[scene " " under, i] || cpu[scene " " under, i] <= 0)
			return 0
		list[i] = cpu[scene " " over, i] / cpu[scene " " under, i]
	}
	return count ? middle(list, count) : 0
}

function print_ratio(name, number) {
	if(number > 0)
		printf "ratio %s %.3f\n", name, number
}

function larger(a, b) { return a <= 0 || b <= 0 ? 0 : a > b ? a : b }

# The least of ours that are resumed, of all rounds of a scene.
function least_resumed(   key, share, least, found) {
	least = 1
	for(key in rounds)
		if(key ~ /-resumed ours-/) {
			share = ok[key] ? resumed[key] / (ok[key] + failed[key]) : 0
			if(share < least)
				least = share
			found = 1
		}
	return found ? least : -1
}

function print_ratios() {
	if(least_resumed() >= 0) # none is a share, too
		printf "ratio resumed_share %.3f\n", least_resumed()
	print_ratio("handshake_vs_stock", ratio("ec-1.3-full", "stock-4", "ours-4-shared"))
	print_ratio("handshake_vs_stock_fm", ratio("ec-1.3-full", "stock-4-fm", "ours-4-fm"))
	print_ratio("handshake_vs_stock_cache", ratio("ec-1.3-full", "stock-4", "ours-4"))
	print_ratio("handshake_vs_stock_off", ratio("ec-1.3-full", "stock-4", "ours-4-off"))
	print_ratio("handshake_vs_haproxy", larger(ratio("ec-1.2-full", "ours-4-fm", "haproxy-4"),
		ratio("ec-1.3-full", "ours-4-fm", "haproxy-4")))
	print_ratio("handshake_vs_haproxy_rsa", larger(ratio("rsa-1.2-full", "ours-4-fm", "haproxy-4"),
		ratio("rsa-1.3-full", "ours-4-fm", "haproxy-4")))
}

function words(scene,   part) {
	split(scene, part, "-")
	return (part[1] == "ec" ? "ECDSA P-256" : "RSA-2048") ", TLS " part[2] ", " \
		(part[3] == "message" ? "full, an OPTIONS and its 200" : part[3])
}

function print_scene(scene,   i, count, name, key, base) {
	count = split(servers[scene], name, " ")
	base = cpu_of(scene " floor-4")
	printf "\n%-42s median us     min     max  to floor  resumed  failed\n", words(scene)
	for(i = 1; i <= count; i++) {
		key = scene " " name[i]
		cpu_of(key)
		printf "%-42s %9.0f %7.0f %7.0f  %8.2f  %6.1f%%  %6d\n", name[i], median, least, most,
			(base > 0 ? median / base : 0), (ok[key] ? 100 * resumed[key] / ok[key] : 0), failed[key]
	}
}

END {
	if(ratios)
		print_ratios()
	for(i = 1; !ratios && !plot && i <= scene_count; i++)
		print_scene(scenes[i])
}
