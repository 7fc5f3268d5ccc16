// SPDX-License-Identifier: GPL-2.0-or-later

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * The peer on Java's own TLS (JSSE): the command line and the output of the peers in C (README.md
 * one directory up), of which it has the common options only. Key updates are not told to the
 * program. renegotiation=refuse is possible for a server only.
 */
public final class Peer {
	private static final Map<String, String> options = new HashMap<>(Map.of("version", "", "cert",
			"", "key", "", "ca", "", "sni", "", "renegotiation", "default", "rate", "0", "burst",
			"1", "count", "0", "seconds", "0"));
	private static final List<long[]> requests = new ArrayList<>(); // sent at, answers
	private static final Set<String> seen = new HashSet<>();
	private static final CountDownLatch printed = new CountDownLatch(1);
	private static boolean server, asked, ending;
	private static SSLSocket newest;
	private static int open, opened, answered, failed, doubled, strange, received, repeated;
	private static int reordered, last, handshakes;
	private static int sentBefore, answeredBefore; // the newest connection
	private static long slowest, established, lastAnswer;
	private static String closedBy = "none", alert = "none", version = "none";

	private static void die(String sentence) {
		System.err.println("peer: " + sentence);
		Runtime.getRuntime().halt(2);
	}

	private static int number(String name) {
		return Integer.parseInt(options.get(name));
	}

	private static void readOptions(String[] arguments) {
		if (arguments.length < 2) die("usage: client|server PORT [key=value]...");
		server = arguments[0].equals("server");
		options.putAll(Map.of("id", "java" + ProcessHandle.current().pid(), "uri",
				"sip:127.0.0.1:" + arguments[1], "grace", "60", "window", "0", "pad", "0",
				"stay", "0", "again", "0"));
		for (int i = 2; i < arguments.length; i++) {
			String[] pair = arguments[i].split("=", 2);
			if (!options.containsKey(pair[0])) die("this peer has no option " + pair[0]);
			options.put(pair[0], pair[1]);
		}
		requests.add(null); // they count from 1
	}

	private static Certificate certificate(String file) throws Exception {
		try (InputStream in = Files.newInputStream(Path.of(file))) {
			return CertificateFactory.getInstance("X.509").generateCertificate(in);
		}
	}

	private static SSLContext context() throws Exception {
		KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
		TrustManagerFactory roots = TrustManagerFactory.getInstance("PKIX");
		KeyStore own = KeyStore.getInstance("PKCS12"), trusted = KeyStore.getInstance("PKCS12");
		own.load(null, null);
		trusted.load(null, null);
		if (!options.get("cert").isEmpty()) {
			String pem = Files.readString(Path.of(options.get("key")));
			byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]*-----", ""));
			own.setKeyEntry("own", KeyFactory.getInstance("EC").generatePrivate(
					new PKCS8EncodedKeySpec(der)), new char[0],
					new Certificate[] {certificate(options.get("cert"))});
		}
		if (!options.get("ca").isEmpty())
			trusted.setCertificateEntry("ca", certificate(options.get("ca")));
		keys.init(own, new char[0]);
		roots.init(trusted);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys.getKeyManagers(), roots.getTrustManagers(), null);
		return context;
	}

	private static void prepare(SSLSocket socket) {
		SSLParameters parameters = socket.getSSLParameters();
		String wanted = options.get("version");
		if (!wanted.isEmpty())
			parameters.setProtocols(
					new String[] {wanted.equals("1.0") ? "TLSv1" : "TLSv" + wanted});
		if (!options.get("sni").isEmpty())
			parameters.setServerNames(List.of(new SNIHostName(options.get("sni"))));
		socket.setSSLParameters(parameters);
		socket.setUseClientMode(!server);
		if (server) socket.setNeedClientAuth(!options.get("ca").isEmpty());
		int[] count = {0};
		socket.addHandshakeCompletedListener(event -> {
			synchronized (Peer.class) {
				handshakes++;
				if (++count[0] > 1) System.out.println("handshake " + count[0]);
			}
		});
	}

	private static List<String> header(String message, String name) {
		List<String> values = new ArrayList<>();
		for (String line : message.split("\r\n"))
			if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
				values.add(line.substring(name.length() + 1).trim());
		return values;
	}

	private static String first(String message, String name) {
		List<String> values = header(message, name);
		return values.isEmpty() ? "" : values.get(0);
	}

	private static void countAnswer(String message) {
		int status = Integer.parseInt(message.substring(8, 11));
		Matcher id = Pattern.compile(Pattern.quote(options.get("id")) + "-(\\d+)")
							 .matcher(first(message, "Call-ID"));
		int n = id.matches() ? Integer.parseInt(id.group(1)) : 0;
		if (status < 200) return;
		if (n < 1 || n >= requests.size()) {
			strange++;
		} else if (requests.get(n)[1]++ > 0) {
			doubled++;
		} else {
			answered++;
			lastAnswer = System.nanoTime();
			slowest = Math.max(slowest, lastAnswer - requests.get(n)[0]);
			if (status != 200) failed++;
		}
	}

	private static String countRequest(String message) {
		String id = first(message, "Call-ID"), cseq = first(message, "CSeq");
		if (!seen.add(id + " " + cseq)) {
			repeated++;
			return "";
		}
		received++;
		int n = Integer.parseInt(cseq.split(" ")[0]);
		if (n < last) reordered++;
		last = n;
		if (message.startsWith("ACK ")) return "";
		StringBuilder answer = new StringBuilder("SIP/2.0 200 OK\r\n");
		for (String via : header(message, "Via")) answer.append("Via: " + via + "\r\n");
		return answer + "From: " + first(message, "From") + "\r\nTo: " + first(message, "To")
				+ ";tag=peer\r\nCall-ID: " + id + "\r\nCSeq: " + cseq
				+ "\r\nContent-Length: 0\r\n\r\n";
	}

	private static void write(SSLSocket socket, String text) throws IOException {
		synchronized (socket) {
			socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
		}
	}

	/** Counts all whole messages and returns what is left. */
	private static String take(SSLSocket socket, String text) throws IOException {
		StringBuilder answers = new StringBuilder();
		int at = 0;
		synchronized (Peer.class) {
			for (;;) {
				while (at < text.length() && text.charAt(at) < ' ') at++; // keep-alives
				int end = text.indexOf("\r\n\r\n", at);
				if (end < 0) break;
				String message = text.substring(at, end + 2);
				String body = first(message, "Content-Length");
				int next = end + 4 + (body.isEmpty() ? 0 : Integer.parseInt(body));
				if (next > text.length()) break;
				if (message.startsWith("SIP/2.0 ")) countAnswer(message);
				else answers.append(countRequest(message));
				at = next;
			}
		}
		if (answers.length() > 0) write(socket, answers.toString());
		return text.substring(at);
	}

	private static String howEnded(Exception error) {
		if (error == null) return "close_notify";
		String text = String.valueOf(error.getMessage());
		Matcher found = Pattern.compile("Received fatal alert: (\\w+)").matcher(text);
		if (found.find()) {
			alert = found.group(1);
			return "alert";
		}
		if (text.contains("reset")) return "reset";
		if (text.contains("without receiving peer's close_notify")
				|| text.contains("terminated the handshake"))
			return "eof";
		System.err.println("Java: " + error);
		return "error";
	}

	private static void serve(SSLSocket socket) {
		Exception error = null;
		boolean ready = false;
		try {
			socket.setTcpNoDelay(true);
			prepare(socket);
			socket.startHandshake();
			ready = true;
			synchronized (Peer.class) {
				newest = socket;
				open++;
				opened++;
				sentBefore = requests.size() - 1;
				answeredBefore = answered;
				String name = socket.getSession().getProtocol();
				version = name.equals("TLSv1") ? "1.0" : name.substring(4);
				if (established == 0) established = System.nanoTime();
				if (!server) System.out.println("ready port=" + socket.getLocalPort());
			}
			byte[] chunk = new byte[65536];
			String text = "";
			for (int n; (n = socket.getInputStream().read(chunk)) >= 0;)
				text = take(socket, text + new String(chunk, 0, n, StandardCharsets.ISO_8859_1));
		} catch (Exception e) {
			error = e;
		}
		synchronized (Peer.class) {
			if (!ending) {
				closedBy = howEnded(error);
				System.out.println("closed " + closedBy);
			}
			if (ready) open--;
			if (newest == socket) newest = null;
		}
		try {
			socket.close();
		} catch (IOException e) {
			return; // it is gone already
		}
	}

	private static void inBackground(Runnable work) {
		Thread thread = new Thread(work);
		thread.setDaemon(true);
		thread.start();
	}

	private static void start(SSLContext context, int port) throws IOException {
		InetAddress loopback = InetAddress.getByName("127.0.0.1");
		if (!server) {
			SSLSocket socket =
					(SSLSocket) context.getSocketFactory().createSocket(loopback, port);
			inBackground(() -> serve(socket));
			return;
		}
		SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory()
										   .createServerSocket(port, 128, loopback);
		System.out.println("ready port=" + port);
		inBackground(() -> {
			for (;;) {
				try {
					SSLSocket socket = (SSLSocket) listener.accept();
					inBackground(() -> serve(socket));
				} catch (IOException e) {
					System.err.println("Java: " + e);
				}
			}
		});
	}

	private static double secondsSince(long nanos) {
		return (System.nanoTime() - nanos) / 1e9;
	}

	private static boolean sending() {
		int count = number("count"), seconds = number("seconds");
		return !asked && number("rate") > 0 && (count == 0 || requests.size() <= count)
				&& (seconds == 0 || established == 0 || secondsSince(established) < seconds);
	}

	private static synchronized boolean over() {
		if (asked || number("stay") != 0) return asked;
		if (number("seconds") > 0)
			return established != 0 && secondsSince(established) > number("seconds");
		return !server && number("count") > 0 && requests.size() > number("count");
	}

	private static synchronized String request() {
		int n = requests.size();
		String id = options.get("id");
		requests.add(new long[] {System.nanoTime(), 0});
		return "OPTIONS " + options.get("uri") + " SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:"
				+ newest.getLocalPort() + ";branch=z9hG4bK" + id + "." + n + ";rport;alias\r\n"
				+ "From: <sip:" + id + "@example.com>;tag=" + n
				+ "\r\nTo: <sip:peer@example.com>\r\nCall-ID: " + id + "-" + n + "\r\nCSeq: " + n
				+ " OPTIONS\r\nMax-Forwards: 9\r\nX-Pad: " + "0".repeat(number("pad") + 1)
				+ "\r\nContent-Length: 0\r\n\r\n";
	}

	/** What is slower than the rate is not buried under more. */
	private static boolean windowFull() {
		int unanswered = requests.size() - 1 - sentBefore - (answered - answeredBefore);
		return number("window") > 0 && unanswered >= number("window");
	}

	/** Sends what the rate allows; returns the credit that is left. */
	private static double sendDue(double credit) {
		if (credit < number("burst")) return credit;
		for (; credit >= 1; credit--) {
			SSLSocket socket;
			String text;
			synchronized (Peer.class) {
				if (newest == null || !sending() || windowFull()) return 0;
				socket = newest;
				text = request();
			}
			try {
				write(socket, text);
			} catch (IOException e) {
				return 0; // the reader tells why
			}
		}
		return credit;
	}

	private static synchronized boolean ended(long overSince) {
		if (!server && !closedBy.equals("none") && open == 0 && number("again") == 0) return true;
		if (overSince == 0) return false;
		if (answered >= requests.size() - 1)
			return answered == 0 || secondsSince(Math.max(lastAnswer, overSince)) > 0.3;
		return secondsSince(Math.max(lastAnswer, overSince)) > number("grace");
	}

	private static synchronized void print() throws IOException {
		int sent = requests.size() - 1;
		ending = true;
		if (newest != null) closedBy = "self";
		System.out.printf("sent=%d answered=%d lost=%d failed=%d doubled=%d strange=%d "
						+ "received=%d repeated=%d reordered=%d handshakes=%d key_updates=- "
						+ "connections=%d slowest_ms=%d version=%s closed_by=%s alert=%s%n",
				sent, answered, sent - answered, failed, doubled, strange, received, repeated,
				reordered, handshakes, opened, slowest / 1000000, version, closedBy, alert);
		System.out.flush();
	}

	public static void main(String[] arguments) throws Exception {
		Security.setProperty("jdk.tls.disabledAlgorithms", ""); // TLS 1.0, 1.1
		readOptions(arguments);
		if (options.get("renegotiation").equals("refuse"))
			System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
		Runtime.getRuntime().addShutdownHook(new Thread(() -> {
			asked = true;
			try {
				printed.await();
			} catch (InterruptedException e) {
				Thread.currentThread().interrupt();
			}
		}));
		SSLContext context = context();
		start(context, Integer.parseInt(arguments[1]));
		long then = System.nanoTime(), overSince = 0;
		double credit = 0;
		long started = then;
		while (!ended(overSince)) {
			Thread.sleep(2);
			if (secondsSince(started) > 600) asked = true; // whatever becomes of whoever started it
			credit = sendDue(credit + secondsSince(then) * number("rate"));
			then = System.nanoTime();
			if (over() && overSince == 0) overSince = then;
			if (!server && !closedBy.equals("none") && open == 0 && number("again") != 0 && !over()) {
				closedBy = "none";
				start(context, Integer.parseInt(arguments[1]));
			}
		}
		print();
		SSLSocket socket = newest;
		if (socket != null) socket.close();
		Runtime.getRuntime().halt(0);
	}
}
