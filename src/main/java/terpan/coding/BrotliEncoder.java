package terpan.coding;

import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Brotli (RFC 7932). The library has a new state for each body. */
final class BrotliEncoder implements BodyEncoder {
    private static final int WINDOW_LOG = 18;
    private static final int BUFFER = 16 * 1024;

    private final BrotliOutputStream brotli;
    private @Nullable Out current;

    BrotliEncoder(int level) {
        try {
            brotli = new BrotliOutputStream(new Coded(), Encoder.Parameters.create(level, WINDOW_LOG), BUFFER);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** What comes out while nobody takes it is of a body that is not wanted any more. */
    private final class Coded extends OutputStream {
        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            Out out = current;
            if (out != null && length > 0) {
                out.coded(bytes, from, from + length);
            }
        }
    }

    @Override
    public void write(byte[] bytes, int from, int to, boolean flush, Out out) {
        current = out;
        try {
            brotli.write(bytes, from, to - from);
            if (flush) {
                brotli.flush();
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        } finally {
            current = null;
        }
    }

    @Override
    public void end(Out out) {
        current = out;
        try {
            brotli.close();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        } finally {
            current = null;
        }
    }

    @Override
    public boolean reset() {
        return false;
    }

    @Override
    public void close() {
        try {
            brotli.close();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
