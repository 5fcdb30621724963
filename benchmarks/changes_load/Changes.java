import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32;

/**
 * Clients that count what changes of a server cost: {@code java Changes.java PORT[,PATH] CONNECTIONS REQUESTS SEED NEW}. Every second one comes to the
 * Unix socket at PATH, if there is one. They go on until a line on standard input
 * tells them that the changes are over, and for so many requests at least. Each asks again as soon as it has the answer to the one before, and retries
 * nothing. Of its requests NEW % begin a new connection, 20 % are a POST of 1 to 16 KiB, 5 % ask the
 * application to wait for 50 ms. The application has to answer with the request's own number, its length and the checksum of its body.
 * Prints one line when it is over: how many were sent, failed, wrong, and the longest span in which no answer ended with when it began (milliseconds since 1970), as JSON. A kept connection that
 * the server closed with an announcement is no failure; one that is closed before an answer is.
 */
public final class Changes {
    private static final int BODY_MOST = 16 * 1024;
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int SHOWN = 5;

    private final List<SocketAddress> addresses = new ArrayList<>();
    private final long most;
    private final int fresh;
    private final long began = System.nanoTime();
    private final long beganMillis = System.currentTimeMillis();
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    /** Whether an answer ended in this millisecond. */
    private final AtomicLongArray ends = new AtomicLongArray(3_600_000);

    private final List<String> failures = new ArrayList<>();
    private volatile long over;

    private Changes(String port, List<String> paths, long most, int fresh) {
        addresses.add(new InetSocketAddress("127.0.0.1", Integer.parseInt(port)));
        paths.forEach(path -> addresses.add(UnixDomainSocketAddress.of(path)));
        this.most = most;
        this.fresh = fresh;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> places = List.of(arguments[0].split(","));
        Changes changes = new Changes(
                places.getFirst(), places.subList(1, places.size()), Long.parseLong(arguments[2]), Integer.parseInt(arguments[4]));
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            long seed = Long.parseLong(arguments[3]) * 1_000 + i;
            SocketAddress address = changes.addresses.get(i % changes.addresses.size());
            clients.add(Thread.ofVirtual().start(() -> changes.client(address, new SplittableRandom(seed))));
        }
        Thread.ofPlatform().daemon().start(() -> {
            try {
                System.in.read();
                changes.over = System.nanoTime();
            } catch (IOException gone) {
                changes.over = System.nanoTime();
            }
        });
        for (Thread client : clients) {
            client.join();
        }
        System.out.println(changes.report());
    }

    private String report() {
        long seconds = (System.nanoTime() - began) / 1_000_000_000L;
        int longest = 0;
        int since = 0;
        long at = 0;
        boolean any = false;
        int last = (int) ((System.nanoTime() - began) / 1_000_000L);
        for (int i = 0; i < Math.min(last, ends.length()); i++) {
            if (ends.get(i) != 0) {
                if (any && i - since > longest) {
                    longest = i - since;
                    at = beganMillis + since;
                }
                since = i;
                any = true;
            }
        }
        return "{\"requests\": %d, \"answered\": %d, \"failed\": %d, \"wrong\": %d, \"longest_gap_ms\": %d, \"longest_gap_at\": %d, \"seconds\": %d, \"failures\": \"%s\"}"
                .formatted(
                        numbers.get(),
                        answered.get(),
                        failed.get(),
                        wrong.get(),
                        longest,
                        at,
                        seconds,
                        String.join("; ", failures).replaceAll("[\"\\\\\\p{Cntrl}]", "'"));
    }

    /** A connection; what it waits for over TCP has a deadline, what it waits for over a Unix socket that of whoever started this. */
    private record Link(Closeable socket, InputStream in, OutputStream out) {
        static Link to(SocketAddress address) throws IOException {
            if (address instanceof UnixDomainSocketAddress) {
                SocketChannel channel = SocketChannel.open(address);
                return new Link(channel, new BufferedInputStream(Channels.newInputStream(channel), BODY_MOST), Channels.newOutputStream(channel));
            }
            Socket socket = new Socket();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(address, TIMEOUT_MILLIS);
            return new Link(socket, new BufferedInputStream(socket.getInputStream(), BODY_MOST), socket.getOutputStream());
        }

        void close() throws IOException {
            socket.close();
        }
    }

    private void client(SocketAddress address, SplittableRandom random) {
        Link link = null;
        try {
            while (over == 0 || numbers.get() < most) {
                long number = numbers.incrementAndGet();
                if (link != null && random.nextInt(100) < fresh) {
                    link.close();
                    link = null;
                }
                try {
                    if (link == null) {
                        link = Link.to(address);
                    }
                    if (!ask(link, number, random)) {
                        link.close();
                        link = null;
                    }
                } catch (IOException lost) {
                    fail(number + ": " + lost + " (" + (address instanceof UnixDomainSocketAddress ? "Unix" : "TCP") + ")");
                    if (link != null) {
                        link.close();
                    }
                    link = null;
                    // Who is refused comes again, but not a million times while nobody is there.
                    Thread.sleep(5);
                }
            }
        } catch (IOException | InterruptedException unusual) {
            fail("a client ended: " + unusual);
        } finally {
            try {
                if (link != null) {
                    link.close();
                }
            } catch (IOException gone) {
                System.err.println("a connection could not be closed: " + gone);
            }
        }
    }

    private synchronized void fail(String why) {
        failed.incrementAndGet();
        if (failures.size() < SHOWN) {
            failures.add("after " + (System.nanoTime() - began) / 1_000_000L + " ms, request " + why);
        }
    }

    /** Whether the connection is kept. */
    private boolean ask(Link link, long number, SplittableRandom random) throws IOException {
        boolean post = random.nextInt(5) == 0;
        boolean slow = random.nextInt(20) == 0;
        byte[] body = new byte[post ? 1_024 + random.nextInt(BODY_MOST - 1_024) : 0];
        for (int i = 0; i < body.length; i += 8) {
            body[i] = (byte) random.nextInt();
        }
        CRC32 sum = new CRC32();
        sum.update(body);
        byte[] head = ((post ? "POST" : "GET") + " /" + (slow ? "slow" : "item") + "?" + number + " HTTP/1.1\r\nHost: shop.example\r\n"
                        + (post ? "Content-Type: application/octet-stream\r\nContent-Length: " + body.length + "\r\n" : "") + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = java.util.Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        link.out().write(all);
        InputStream in = link.in();
        String line = line(in);
        int length = -1;
        boolean kept = true;
        for (String field = line(in); !field.isEmpty(); field = line(in)) {
            String lower = field.toLowerCase(java.util.Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            } else if (lower.equals("connection: close")) {
                kept = false;
            }
        }
        if (length < 0) {
            throw new IOException("an answer without a length: " + line);
        }
        String answer = new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
        String wanted = number + " " + body.length + " " + sum.getValue();
        int at = (int) ((System.nanoTime() - began) / 1_000_000L);
        if (!line.startsWith("HTTP/1.1 200")) {
            fail(number + ": " + line);
        } else if (!answer.equals(wanted)) {
            wrong.incrementAndGet();
            fail(number + ": \"" + answer + "\" instead of \"" + wanted + "\"");
        } else {
            answered.incrementAndGet();
            if (at < ends.length()) {
                ends.set(at, 1);
            }
        }
        return kept;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int read;
        while ((read = in.read()) != '\n') {
            if (read < 0) {
                throw new IOException(line.isEmpty() ? "closed before an answer" : "broken off within " + line);
            }
            if (read != '\r') {
                line.append((char) read);
            }
        }
        return line.toString();
    }
}
