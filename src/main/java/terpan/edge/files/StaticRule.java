package terpan.edge.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import terpan.config.StaticFiles;
import terpan.http.Ascii;
import terpan.http.RequestHead;

/** Files below one directory, or one file, and how they are answered. Each is its own, whatever another says. Immutable. */
public final class StaticRule {
    /** What stands before the last group of a UUID, which is no hash of anything. */
    private static final String UUID_BEGIN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}";

    /** A name's part between marks that is a hash as collectstatic, Webpack and others write it: a digit and a letter are among them. */
    private static final Pattern HASHED = Pattern.compile(
            ".*(?<!" + UUID_BEGIN + ")[._-](?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,64}(\\.[A-Za-z0-9_-]+)+");

    private static final byte[] FOREVER = "max-age=31536000, public, immutable".getBytes(US_ASCII);
    private static final byte[] NONE = new byte[0];

    private final StaticFiles settings;
    private final byte[] path;
    private final byte[] cached;
    private final boolean coded;

    private StaticRule(StaticFiles settings, boolean coded) {
        this.settings = settings;
        this.path = settings.path().getBytes(UTF_8);
        this.coded = coded;
        this.cached = settings.maxAge()
                .map(age -> age.isZero() ? "no-cache" : "max-age=" + age.toSeconds() + ", public")
                .map(text -> text.getBytes(US_ASCII))
                .orElse(NONE);
    }

    /** Files that clients ask for. */
    public static StaticRule of(StaticFiles settings) {
        return new StaticRule(settings, true);
    }

    /** Files that an application's answers name, as they are. */
    static StaticRule internal(StaticFiles settings) {
        return new StaticRule(settings, false);
    }

    /** Files of a directory that an application's answers name by their paths on disk. */
    static StaticRule directory(Path directory) {
        return internal(new StaticFiles(
                "/", directory, false, Optional.empty(), false, Optional.empty(), StaticFiles.Immutable.NONE, false));
    }

    /** Whether the application is asked where there is no file. */
    public boolean fallsBack() {
        return settings.fallback();
    }

    /** Whether clients are told not to guess types. */
    public boolean nosniff() {
        return settings.nosniff();
    }

    /** What stands for a directory, if anything does. */
    public Optional<String> index() {
        return settings.index();
    }

    /** Whether precompressed neighbours are looked for. */
    boolean hasNeighbours() {
        return coded;
    }

    boolean isSingle() {
        return settings.single();
    }

    /** The directory, or the one file. */
    Path place() {
        return settings.place();
    }

    byte[] path() {
        return path;
    }

    /** Cache-Control of a file of this name; empty: nothing is said. Not to be changed. */
    byte[] cacheControl(String name) {
        return switch (settings.immutable()) {
            case ALL -> FOREVER;
            case AUTO -> HASHED.matcher(name).matches() ? FOREVER : cached;
            case NONE -> cached;
        };
    }

    /**
     * The name that a request asks for, whose path lies below this one's.
     *
     * @param from where the path begins, behind what the application is mounted below
     * @return empty where it can be no file's
     */
    public Optional<String> name(RequestHead head, int from) {
        return settings.single() ? Optional.of("") : FileNames.decoded(head.bytes, behind(head, from), head.pathEnd);
    }

    /** Whether a request's path is this one's, or below it. */
    boolean takes(RequestHead head, int from) {
        int end = behind(head, from);
        return end >= 0 && (!settings.single() || end == head.pathEnd);
    }

    private int behind(RequestHead head, int from) {
        return behind(head.bytes, from, head.pathEnd, path);
    }

    /** Where a path goes on behind a prefix, whose bytes it may have as escapes; -1 where it does not begin with it. */
    static int behind(byte[] bytes, int from, int to, byte[] prefix) {
        int at = from;
        for (byte wanted : prefix) {
            if (at >= to) {
                return -1;
            }
            boolean escaped = bytes[at] == '%' && at + 2 < to;
            int b = escaped ? Ascii.hexValue(bytes[at + 1]) << 4 | Ascii.hexValue(bytes[at + 2]) : bytes[at];
            if ((byte) b != wanted) {
                return -1;
            }
            at += escaped ? 3 : 1;
        }
        return at;
    }

    @Override
    public String toString() {
        return new String(path, ISO_8859_1) + " in " + settings.place();
    }
}
