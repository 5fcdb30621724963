package terpan.coding;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.aayushatharva.brotli4j.decoder.Decoder;
import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import com.aayushatharva.brotli4j.decoder.DirectDecompress;
import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import terpan.config.Settings;

/** What a client makes of a coded body, by the libraries' own decoders. */
public final class Decoded {
    static {
        Brotli4jLoader.ensureAvailability();
    }

    private Decoded() {}

    /** The whole body; fails where it is not whole or is followed by anything. */
    public static byte[] of(Settings.Coding coding, byte[] coded) throws IOException {
        if (coding == Settings.Coding.BR) { // its stream has an end too early where much comes of a few bytes
            DirectDecompress whole = Decoder.decompress(coded);
            if (whole.getResultStatus() != DecoderJNI.Status.DONE) {
                throw new IOException("not whole: " + whole.getResultStatus());
            }
            return whole.getDecompressedData();
        }
        try (InputStream in = stream(coding, coded)) {
            return in.readAllBytes();
        }
    }

    /** As much of a body that has only begun as can be read. */
    public static byte[] asFar(Settings.Coding coding, byte[] coded) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (InputStream in = stream(coding, coded)) {
            if (in instanceof ZstdInputStream zstd) {
                zstd.setContinuous(true);
            } else if (in instanceof BrotliInputStream brotli) {
                brotli.enableEagerOutput();
            }
            for (int next = in.read(); next >= 0; next = in.read()) {
                read.write(next);
            }
        } catch (IOException notWhole) {
            // That is as far as it goes.
        }
        return read.toByteArray();
    }

    private static InputStream stream(Settings.Coding coding, byte[] coded) throws IOException {
        InputStream bytes = new ByteArrayInputStream(coded);
        return switch (coding) {
            case GZIP -> new GZIPInputStream(bytes);
            case BR -> new BrotliInputStream(bytes);
            case ZSTD -> new ZstdInputStream(bytes);
        };
    }
}
