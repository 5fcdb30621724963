package terpan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fields that go with spans to whoever takes them, as a file has them: one a line, a name, a colon and a value. Empty lines count for nothing.
 */
public record TraceFields(List<Field> fields) {
    /** No fields. */
    public static final TraceFields NONE = new TraceFields(List.of());

    /** Bytes of the file, and fields in it. */
    private static final long FILE_MOST = 64 * 1024;

    private static final int FIELDS_MOST = 32;

    private static final Pattern LINE = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):[ \\t]*([!-~][ -~]*)");
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    /** Those that are ours to write. */
    private static final Set<String> OURS = Set.of(
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "expect",
            "host",
            "transfer-encoding",
            "upgrade");

    /** One of them. */
    public record Field(String name, String value) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * Reads a file anew.
     *
     * @throws IOException it can not be used; the message says why, and tells nothing of its values
     */
    public static TraceFields read(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("which can not be read");
        }
        if (Files.size(file) > FILE_MOST) {
            throw new IOException("which is larger than 64 KiB");
        }
        if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
            throw new IOException(
                    "which others than its owner may read or write; expected mode 0600 (chmod 600 " + file + ")");
        }
        return parse(Files.readAllLines(file));
    }

    private static TraceFields parse(List<String> lines) throws IOException {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty()) {
                continue;
            }
            Matcher parts = LINE.matcher(line);
            if (!parts.matches() || OURS.contains(parts.group(1).toLowerCase(Locale.ROOT))) {
                throw new IOException("whose line " + (i + 1)
                        + " is no field that may be sent, expected one such as Authorization: Bearer TOKEN");
            }
            fields.add(new Field(parts.group(1), parts.group(2)));
        }
        if (fields.size() > FIELDS_MOST) {
            throw new IOException("which has more than " + FIELDS_MOST + " fields");
        }
        return new TraceFields(List.copyOf(fields));
    }
}
