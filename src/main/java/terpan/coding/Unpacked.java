package terpan.coding;

import java.io.IOException;
import java.util.List;
import terpan.scratch.ScratchFolder;

/** The folder in which libraries are unpacked while they are loaded, and that they are told of. */
final class Unpacked implements AutoCloseable {
    private static final List<String> PROPERTIES =
            List.of("com.aayushatharva.brotli4j.native.workdir", "ZstdTempFolder");

    private final ScratchFolder folder;

    private Unpacked(ScratchFolder folder) {
        this.folder = folder;
    }

    static Unpacked begin() throws IOException {
        return new Unpacked(ScratchFolder.begin());
    }

    /** Tells the libraries where it is. */
    void name() {
        PROPERTIES.forEach(
                property -> System.setProperty(property, folder.path().toString()));
    }

    @Override
    public void close() throws IOException {
        PROPERTIES.forEach(System::clearProperty);
        folder.close();
    }
}
