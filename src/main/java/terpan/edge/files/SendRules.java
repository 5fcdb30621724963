package terpan.edge.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import terpan.config.FileSettings;

/** Which files an application's answers may name, in X-Sendfile by their paths on disk, in X-Accel-Redirect by paths of requests. Immutable. */
public final class SendRules {
    private final List<StaticRule> directories;
    private final @Nullable StaticRules internal;

    private SendRules(List<StaticRule> directories, @Nullable StaticRules internal) {
        this.directories = directories;
        this.internal = internal;
    }

    /** By the settings; null where they allow none. */
    public static @Nullable SendRules of(FileSettings settings) {
        if (settings.sendfile().isEmpty() && settings.internal().isEmpty()) {
            return null;
        }
        return new SendRules(
                settings.sendfile().stream()
                        .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
                        .map(StaticRule::directory)
                        .toList(),
                settings.internal().isEmpty() ? null : StaticRules.internal(settings.internal()));
    }

    /** Whether X-Sendfile counts. */
    public boolean sends() {
        return !directories.isEmpty();
    }

    /** Whether X-Accel-Redirect counts. */
    public boolean redirects() {
        return internal != null;
    }

    /**
     * Looks for the file of that path on disk. On a disk thread.
     *
     * @param value as X-Sendfile has it
     */
    public Found send(OpenFiles files, byte[] value, long now) {
        for (StaticRule rule : directories) {
            Optional<String> name = name(rule, value);
            if (name.isPresent()) {
                return file(files.look(rule, name.get(), now));
            }
        }
        return Found.Missing.MISSING;
    }

    /** The name below a directory, which may be told as it is set or as it is without links. */
    private static Optional<String> name(StaticRule rule, byte[] value) {
        try {
            Path path = Path.of(new String(value, UTF_8));
            Path real =
                    path.startsWith(rule.place()) ? rule.place() : rule.place().toRealPath();
            if (!path.isAbsolute() || !path.startsWith(real) || path.equals(real)) {
                return Optional.empty();
            }
            byte[] below = real.relativize(path).toString().getBytes(UTF_8);
            return FileNames.plain(below, 0, below.length);
        } catch (InvalidPathException | IOException none) {
            return Optional.empty();
        }
    }

    /**
     * Looks for the file of that path of a request. On a disk thread.
     *
     * @param value as X-Accel-Redirect has it: with escapes, and perhaps a query, which says nothing here
     */
    public Found redirect(OpenFiles files, byte[] value, long now) {
        int end = 0;
        while (end < value.length && value[end] != '?') {
            end++;
        }
        StaticRule rule = internal == null ? null : internal.find(value, 0, end);
        if (rule == null) {
            return Found.Missing.MISSING;
        }
        return FileNames.decoded(value, StaticRule.behind(value, 0, end, rule.path()), end)
                .filter(name -> !name.isEmpty())
                .map(name -> file(files.look(rule, name, now)))
                .orElse(Found.Missing.MISSING);
    }

    private static Found file(Found found) {
        return found == Found.Directory.DIRECTORY ? Found.Missing.MISSING : found;
    }
}
