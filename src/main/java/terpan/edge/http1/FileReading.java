package terpan.edge.http1;

import java.io.IOException;
import java.nio.channels.FileChannel;
import terpan.edge.Edge;
import terpan.edge.FileInput;
import terpan.loop.Wire;

/** A piece of a file on its way to a client whose wire the kernel can not fill by itself. Belongs to the loop's thread. */
final class FileReading implements FilePiece {
    private final Wire wire;
    private final FileInput input;
    private long sent;

    FileReading(Edge edge, Wire wire, FileChannel file, long position, long length) {
        this.wire = wire;
        this.input = new FileInput(edge, file, position, length, wire::flushLater);
    }

    @Override
    public long sent() {
        return sent;
    }

    @Override
    public boolean failed() {
        return input.failure() != null;
    }

    @Override
    public boolean advance() throws IOException {
        IOException reason = input.failure();
        if (reason != null) {
            throw reason;
        }
        int available = input.available();
        if (available > 0) {
            int count = wire.send(input.bytes(), input.start(), available);
            input.used(count);
            sent += count;
            wire.awaitWritable(count < available);
            if (count < available) {
                return false;
            }
            if (input.available() > 0) {
                wire.flushLater(); // read at once: others have their turn
            }
        } else {
            wire.awaitWritable(false);
        }
        return input.remaining() == 0;
    }

    @Override
    public void close() {
        input.close();
    }
}
