package terpan.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLException;

/** A server's engine as bytes in and bytes out. */
final class EngineEnd {
    private final ByteBuffer in = ByteBuffer.allocate(128 * 1024);
    private final ByteBuffer plain = ByteBuffer.allocate(Records.MOST);
    private final ByteBuffer out = ByteBuffer.allocate(8 * Records.MOST);
    private final StringBuilder text = new StringBuilder();

    final TlsEngine engine;
    private boolean ended;

    EngineEnd(TlsEngine engine) {
        this.engine = engine;
    }

    /** Takes bytes, and computes what there is to compute. */
    void receives(byte[] bytes) throws SSLException {
        in.put(bytes).flip();
        try {
            while (in.hasRemaining() && !ended && reads()) {}
        } finally {
            in.compact();
        }
    }

    private boolean reads() throws SSLException {
        switch (engine.next()) {
            case TASK -> engine.task().run();
            case OUTPUT -> takes();
            case INPUT, NOTHING -> {
                TlsEngine.Status status = engine.unwrap(in, plain.clear());
                ended = status == TlsEngine.Status.CLOSED;
                text.append(new String(plain.array(), 0, plain.position(), ISO_8859_1));
                return status == TlsEngine.Status.DONE;
            }
        }
        return true;
    }

    /** What it has to send of its own. */
    byte[] sends() throws SSLException {
        while (engine.next() == TlsEngine.Next.OUTPUT || engine.next() == TlsEngine.Next.TASK) {
            if (engine.next() == TlsEngine.Next.TASK) {
                engine.task().run();
            } else {
                takes();
            }
        }
        byte[] bytes = Arrays.copyOf(out.array(), out.position());
        out.clear();
        return bytes;
    }

    private void takes() throws SSLException {
        engine.wrap(ByteBuffer.allocate(0), out);
    }

    /** Records of a text. */
    byte[] says(String plainText) throws SSLException {
        ByteBuffer left = ByteBuffer.wrap(plainText.getBytes(ISO_8859_1));
        while (left.hasRemaining()) {
            engine.wrap(left, out);
        }
        return sends();
    }

    /** Both say what they have to say, until neither has anything. */
    void exchange(NativePeer peer) throws SSLException {
        byte[] more = peer.sends();
        byte[] back = new byte[0];
        do {
            receives(more);
            back = sends();
            peer.receives(back);
            more = peer.sends();
        } while (more.length > 0 || back.length > 0);
    }

    boolean isOpen() {
        return engine.next() == TlsEngine.Next.NOTHING;
    }

    boolean ended() {
        return ended;
    }

    String text() {
        return text.toString();
    }
}
