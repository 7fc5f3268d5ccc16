#!/usr/bin/env bash
# pki.sh DIR - makes a small PKI in DIR, each certificate with its .key:
#   ca, foreign-ca   two authorities that do not know each other
#   server           the gateway itself; server-rsa the same for old peers
#   trusted          SAN trusted.example.com, a configured proxy everywhere here
#   stranger         the same CA, another SAN
#   both-names       those of trusted and stranger
#   foreign          the SAN of trusted, the other CA
#   expired, selfsigned, wildcard, ip, local, below, uri, uriother, critical,
#   cn, cnother
set -euo pipefail

dir=$1
mkdir -p "$dir"
cd "$dir"

make_key() {
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null ||
		openssl ecparam -genkey -name prime256v1 -noout -out "$1.key"
}

make_ca() { # NAME SUBJECT
	make_key "$1"
	openssl req -x509 -new -key "$1.key" -out "$1.pem" -days 30 -subj "$2" \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

sign() { # NAME CA SUBJECT SAN
	[ -e "$1.key" ] || make_key "$1"
	{
		echo basicConstraints=CA:FALSE
		echo keyUsage=digitalSignature,keyEncipherment
		echo extendedKeyUsage=serverAuth,clientAuth
		[ -z "$4" ] || echo "subjectAltName=$4"
	} >"$1.ext"
	openssl req -new -key "$1.key" -subj "$3" -out "$1.csr"
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial \
		-days 30 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
	rm -f "$1.csr" "$1.ext"
}

make_ca ca "/CN=Test CA"
make_ca foreign-ca "/CN=Foreign CA"
sign server ca "/CN=gateway.example" "DNS:gateway.example,IP:127.0.0.1"
openssl genrsa -out server-rsa.key 2048 2>/dev/null
sign server-rsa ca "/CN=gateway.example" "DNS:gateway.example,IP:127.0.0.1"
sign trusted ca "/CN=trusted" "DNS:trusted.example.com"
sign stranger ca "/CN=stranger" "DNS:stranger.example.com"
sign both-names ca "/CN=both" "DNS:trusted.example.com,DNS:stranger.example.com"
sign foreign foreign-ca "/CN=trusted" "DNS:trusted.example.com"
sign wildcard ca "/CN=wildcard" "DNS:*.carrier.example"
sign ip ca "/CN=ip" "IP:192.0.2.10,IP:2001:db8::10"
sign local ca "/CN=local" "IP:127.0.0.1"
sign below ca "/CN=below" "DNS:gw1.carrier.example"
sign uri ca "/CN=uri" "DNS:other.example.com,URI:sip:trusted.example.com"
sign uriother ca "/CN=trusted.example.com" "DNS:trusted.example.com,URI:sip:stranger.example.com"
sign critical ca "/CN=trusted.example.com" "critical,DNS:stranger.example.com"
sign cn ca "/CN=trusted.example.com" ""
sign cnother ca "/CN=trusted.example.com" "DNS:stranger.example.com"

make_key selfsigned
openssl req -x509 -new -key selfsigned.key -out selfsigned.pem -days 30 -subj "/CN=self" \
	-addext subjectAltName=DNS:trusted.example.com
make_key expired
openssl req -new -key expired.key -subj "/CN=expired" -out expired.csr
mkdir -p ca-db
: >ca-db/index.txt
echo 1000 >ca-db/serial
cat >ca-db/ca.cnf <<CONF
[ca]
default_ca = own
[own]
database = ca-db/index.txt
serial = ca-db/serial
new_certs_dir = ca-db
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
x509_extensions = ext
unique_subject = no
[any]
commonName = supplied
[ext]
subjectAltName = DNS:trusted.example.com
extendedKeyUsage = serverAuth,clientAuth
CONF
openssl ca -batch -config ca-db/ca.cnf -in expired.csr -out expired.pem -notext \
	-startdate 20200101000000Z -enddate 20200201000000Z 2>/dev/null
rm -rf expired.csr ca-db ./*.srl
