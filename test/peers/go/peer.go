// SPDX-License-Identifier: GPL-2.0-or-later

// The peer on Go's crypto/tls: the command line and the output of the peers in
// C (README.md one directory up), of which it has the common options only.
// Go takes no renegotiation as server, and as client only with
// renegotiation=allow. Key updates are not told to the program.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

var text = map[string]string{
	"version": "", "cert": "", "key": "", "ca": "", "sni": "",
	"id": fmt.Sprintf("go%d", os.Getpid()), "uri": "", "renegotiation": "default",
}
var number = map[string]int{
	"rate": 0, "burst": 1, "count": 0, "seconds": 0, "grace": 60, "window": 0, "pad": 0,
	"stay": 0, "again": 0,
}

var (
	lock        sync.Mutex // guards all below
	answers     = []int{0} // by number of our request
	sentAt      = []time.Time{{}}
	seen        = map[string]bool{}
	newest      *tls.Conn
	open        int
	opened      int
	sent        int
	answered    int
	failed      int
	doubled     int
	strange     int
	received    int
	repeated    int
	reordered   int
	last        int
	handshakes  int
	slowest     time.Duration
	closedBy    = "none"
	alert       = "none"
	version     = "none"
	established time.Time
	roots       = x509.NewCertPool()
	lastAnswer  time.Time

	sentBefore, answeredBefore int // the newest connection
)

func die(sentence string) {
	fmt.Fprintln(os.Stderr, "peer:", sentence)
	os.Exit(2)
}

func readOptions() (server bool, port string) {
	if len(os.Args) < 3 {
		die("usage: client|server PORT [key=value]...")
	}
	text["uri"] = "sip:127.0.0.1:" + os.Args[2]
	for _, argument := range os.Args[3:] {
		key, value, _ := strings.Cut(argument, "=")
		if _, ok := text[key]; ok {
			text[key] = value
		} else if _, ok := number[key]; ok {
			number[key], _ = strconv.Atoi(value)
		} else {
			die("this peer has no option " + key)
		}
	}
	return os.Args[1] == "server", os.Args[2]
}

func config(server bool) *tls.Config {
	c := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10,
		ServerName: text["sni"]}
	versions := map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11,
		"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
	if v, ok := versions[text["version"]]; ok {
		c.MinVersion, c.MaxVersion = v, v
	}
	if text["cert"] != "" {
		pair, err := tls.LoadX509KeyPair(text["cert"], text["key"])
		if err != nil {
			die(err.Error())
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if text["renegotiation"] == "allow" {
		c.Renegotiation = tls.RenegotiateFreelyAsClient
	}
	if text["ca"] != "" {
		pem, err := os.ReadFile(text["ca"])
		if err != nil || !roots.AppendCertsFromPEM(pem) {
			die("ca: cannot load")
		}
		if server {
			c.ClientAuth = tls.RequireAnyClientCert
		}
	}
	return c
}

// judge is called at the end of each handshake of one connection.
func judge(count *int) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		if text["ca"] != "" {
			_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{
				Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
			if err != nil {
				return err
			}
		}
		lock.Lock()
		defer lock.Unlock()
		handshakes++
		*count++
		if *count > 1 {
			fmt.Println("handshake", *count)
		}
		return nil
	}
}

// countRenegotiations: Go calls VerifyConnection in the first handshake only,
// but is asked for its certificate in each.
func countRenegotiations(count *int, own *tls.Certificate) func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	asked := 0
	return func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		lock.Lock()
		defer lock.Unlock()
		if asked++; asked > 1 {
			handshakes++
			*count++
			fmt.Println("handshake", *count)
		}
		return own, nil
	}
}

func header(message, name string) []string {
	var values []string
	for _, line := range strings.Split(message, "\r\n")[1:] {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.EqualFold(strings.TrimSpace(key), name) {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return append(values, "")
}

func countAnswer(message string) {
	status, _ := strconv.Atoi(message[8:11])
	if status < 200 {
		return
	}
	id := header(message, "Call-ID")[0]
	ours := strings.HasPrefix(id, text["id"]+"-")
	n, err := strconv.Atoi(strings.TrimPrefix(id, text["id"]+"-"))
	switch {
	case !ours || err != nil || n < 1 || n > sent:
		strange++
	case answers[n] > 0:
		doubled++
	default:
		answers[n]++
		answered++
		lastAnswer = time.Now()
		if status != 200 {
			failed++
		}
		if took := time.Since(sentAt[n]); took > slowest {
			slowest = took
		}
	}
}

func countRequest(message string) string {
	id, cseq := header(message, "Call-ID")[0], header(message, "CSeq")[0]
	if seen[id+" "+cseq] {
		repeated++
		return ""
	}
	seen[id+" "+cseq] = true
	received++
	n, _ := strconv.Atoi(strings.Fields(cseq + " ")[0])
	if n < last {
		reordered++
	}
	last = n
	if strings.HasPrefix(message, "ACK ") {
		return ""
	}
	answer := "SIP/2.0 200 OK\r\n"
	for _, via := range header(message, "Via") {
		if via != "" {
			answer += "Via: " + via + "\r\n"
		}
	}
	return answer + "From: " + header(message, "From")[0] + "\r\nTo: " +
		header(message, "To")[0] + ";tag=peer\r\nCall-ID: " + id + "\r\nCSeq: " +
		cseq + "\r\nContent-Length: 0\r\n\r\n"
}

// take counts all whole messages in buffer and returns what is left.
func take(connection *tls.Conn, buffer []byte) []byte {
	for {
		buffer = bytes.TrimLeft(buffer, "\r\n") // keep-alives
		end := bytes.Index(buffer, []byte("\r\n\r\n"))
		if end < 0 {
			return buffer
		}
		message := string(buffer[:end+2])
		body, _ := strconv.Atoi(header(message, "Content-Length")[0])
		if len(buffer) < end+4+body {
			return buffer
		}
		buffer = buffer[end+4+body:]
		lock.Lock()
		answer := ""
		if strings.HasPrefix(message, "SIP/2.0 ") {
			countAnswer(message)
		} else {
			answer = countRequest(message)
		}
		lock.Unlock()
		if answer != "" {
			connection.Write([]byte(answer))
		}
	}
}

var alertText = regexp.MustCompile(`remote error: tls: (.*)`)

func howEnded(err error) string {
	found := alertText.FindStringSubmatch(err.Error())
	switch {
	case found != nil:
		alert = strings.ReplaceAll(found[1], " ", "_")
		return "alert"
	case err == io.EOF:
		return "close_notify" // or a bare end of TCP: Go does not tell
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "eof"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	}
	fmt.Fprintln(os.Stderr, "Go:", err)
	return "error"
}

func serve(raw net.Conn, server bool, c *tls.Config, ending *bool) {
	count := 0
	c = c.Clone()
	c.VerifyConnection = judge(&count)
	if len(c.Certificates) > 0 && !server {
		c.GetClientCertificate = countRenegotiations(&count, &c.Certificates[0])
	}
	connection := tls.Client(raw, c)
	if server {
		connection = tls.Server(raw, c)
	}
	err := connection.Handshake()
	if err == nil {
		lock.Lock()
		newest, open, opened = connection, open+1, opened+1
		sentBefore, answeredBefore = sent, answered
		version = fmt.Sprintf("1.%d", connection.ConnectionState().Version-0x301)
		if established.IsZero() {
			established = time.Now()
		}
		if !server {
			fmt.Println("ready port=" + strings.Split(raw.LocalAddr().String(), ":")[1])
		}
		lock.Unlock()
	}
	buffer := []byte{}
	chunk := make([]byte, 65536)
	for err == nil {
		var n int
		n, err = connection.Read(chunk)
		buffer = take(connection, append(buffer, chunk[:n]...))
	}
	lock.Lock()
	defer lock.Unlock()
	if !*ending {
		closedBy = howEnded(err)
		fmt.Println("closed", closedBy)
	}
	if newest == connection {
		newest = nil
	}
	if connection.ConnectionState().HandshakeComplete {
		open--
	}
	connection.Close()
}

func request(connection *tls.Conn) []byte {
	sent++
	answers, sentAt = append(answers, 0), append(sentAt, time.Now())
	return []byte(fmt.Sprintf("OPTIONS %s SIP/2.0\r\n"+
		"Via: SIP/2.0/TLS %s;branch=z9hG4bK%s.%d;rport;alias\r\n"+
		"From: <sip:%s@example.com>;tag=%d\r\nTo: <sip:peer@example.com>\r\n"+
		"Call-ID: %s-%d\r\nCSeq: %d OPTIONS\r\nMax-Forwards: 9\r\nX-Pad: %0*d\r\n"+
		"Content-Length: 0\r\n\r\n", text["uri"], connection.LocalAddr(), text["id"], sent,
		text["id"], sent, text["id"], sent, sent, number["pad"]+1, 0))
}

func sending(asked bool) bool {
	return !asked && number["rate"] > 0 && (number["count"] == 0 || sent < number["count"]) &&
		(number["seconds"] == 0 || established.IsZero() ||
			time.Since(established).Seconds() < float64(number["seconds"]))
}

// over: is it time to end, once the last answers are in?
func over(asked, server bool) bool {
	switch {
	case asked || number["stay"] != 0:
		return asked
	case number["seconds"] > 0:
		return !established.IsZero() && time.Since(established).Seconds() > float64(number["seconds"])
	}
	return !server && number["count"] > 0 && sent >= number["count"]
}

// windowFull: what is slower than the rate is not buried under more.
func windowFull() bool {
	return number["window"] > 0 && (sent-sentBefore)-(answered-answeredBefore) >= number["window"]
}

// sendDue sends what the rate allows on the newest connection.
func sendDue(credit *float64, asked bool) {
	if *credit < float64(number["burst"]) {
		return
	}
	for ; *credit >= 1; *credit-- {
		lock.Lock()
		connection := newest
		if connection == nil || !sending(asked) || windowFull() {
			lock.Unlock()
			*credit = 0
			return
		}
		octets := request(connection)
		lock.Unlock()
		connection.Write(octets)
	}
}

func start(server bool, port string, c *tls.Config, ending *bool) {
	if !server {
		raw, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			die(err.Error())
		}
		go serve(raw, false, c, ending)
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		die(err.Error())
	}
	fmt.Println("ready port=" + port)
	go func() {
		for {
			if raw, err := listener.Accept(); err == nil {
				go serve(raw, true, c, ending)
			}
		}
	}()
}

// ended: nothing is left to do or to wait for.
func ended(server, asked bool, overSince *time.Time) bool {
	lock.Lock()
	defer lock.Unlock()
	if !server && closedBy != "none" && open == 0 && number["again"] == 0 {
		return true
	}
	if !over(asked, server) {
		return false
	}
	if overSince.IsZero() {
		*overSince = time.Now()
		lastAnswer = *overSince
	}
	if answered >= sent {
		return sent == 0 || time.Since(lastAnswer) > 300*time.Millisecond
	}
	return time.Since(lastAnswer).Seconds() > float64(number["grace"])
}

func main() {
	server, port := readOptions()
	c := config(server)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	lifetime := time.After(10 * time.Minute) // whatever becomes of whoever started it
	asked, ending, credit := false, false, 0.0
	overSince := time.Time{}
	start(server, port, c, &ending)
	for then := time.Now(); ; {
		select {
		case <-signals:
			asked = true
		case <-lifetime:
			asked = true
		case <-time.After(2 * time.Millisecond):
		}
		credit += time.Since(then).Seconds() * float64(number["rate"])
		then = time.Now()
		sendDue(&credit, asked)
		if ended(server, asked, &overSince) {
			break
		}
		lock.Lock()
		if closedBy != "none" && !server && open == 0 && number["again"] != 0 {
			closedBy = "none"
			start(server, port, c, &ending)
		}
		lock.Unlock()
	}
	lock.Lock()
	ending = true
	if newest != nil {
		closedBy = "self"
		newest.CloseWrite()
	}
	fmt.Printf("sent=%d answered=%d lost=%d failed=%d doubled=%d strange=%d "+
		"received=%d repeated=%d reordered=%d handshakes=%d key_updates=- "+
		"connections=%d slowest_ms=%d version=%s closed_by=%s alert=%s\n",
		sent, answered, sent-answered, failed, doubled, strange, received, repeated,
		reordered, handshakes, opened, slowest.Milliseconds(), version, closedBy, alert)
}
