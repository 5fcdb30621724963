package terpan.link.nativelink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.RejectedExecutionException;
import terpan.link.Call;

/**
 * Files that the worker names in its answers: opened off the loop, given to the call on the loop. The worker is told at once
 * when the file is open here or refused. Belongs to the loop's thread.
 */
final class NativeFiles {
    private static final int PAYLOAD = 4 + 4 + 4 * 8;

    private final NativeSetup setup;
    private final NativeConnection connection;
    private final NativeCalls calls;
    private final NativeOutput output;
    private final NativeInput input;

    NativeFiles(
            NativeSetup setup, NativeConnection connection, NativeCalls calls, NativeOutput output, NativeInput input) {
        this.setup = setup;
        this.connection = connection;
        this.calls = calls;
        this.output = output;
        this.input = input;
    }

    /** The frame at hand names a file for this entry. */
    void named(NativeCall entry) throws MarshalException {
        input.require(PAYLOAD);
        int at = input.start;
        NativeFile file = new NativeFile(
                setup.pid(),
                input.intAt(at + 4),
                input.longAt(at + 8),
                input.longAt(at + 16),
                input.longAt(at + 24),
                input.longAt(at + 32));
        if (entry.opening || (entry.call != null && !entry.begun)) {
            throw new MarshalException("a file before the head of id " + entry.id);
        }
        if (entry.call == null || entry.bodiless) {
            tell(NativeOutput.FILE_DONE, entry);
        } else if (setup.pid() == NativeLink.NO_FILES
                || !entry.call.takesFiles()
                || (entry.remaining >= 0 && file.length() > entry.remaining)) {
            tell(NativeOutput.FILE_REFUSED, entry);
        } else {
            entry.opening = true;
            open(entry, entry.id, file);
        }
    }

    private void open(NativeCall entry, int id, NativeFile file) {
        try {
            setup.files().execute(() -> {
                try {
                    FileChannel channel = file.open();
                    setup.loop().execute(() -> opened(entry, id, file, channel));
                } catch (IOException | RuntimeException unusable) {
                    setup.loop().execute(() -> notOpened(entry, id));
                }
            });
        } catch (RejectedExecutionException full) {
            notOpened(entry, id);
        }
    }

    private void opened(NativeCall entry, int id, NativeFile file, FileChannel channel) {
        boolean held = !connection.isOver() && calls.holds(entry, id);
        if (held) {
            entry.opening = false;
            tell(NativeOutput.FILE_DONE, entry);
        }
        Call call = entry.call;
        if (!held || call == null) {
            close(channel);
            return;
        }
        entry.remaining -= entry.remaining >= 0 ? file.length() : 0;
        call.answerFile(channel, file.position(), file.length());
    }

    private void notOpened(NativeCall entry, int id) {
        if (!connection.isOver() && calls.holds(entry, id)) {
            entry.opening = false;
            tell(NativeOutput.FILE_REFUSED, entry);
        }
    }

    private void tell(int kind, NativeCall entry) {
        output.frame(kind, entry.id);
        connection.askFlush();
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
