package terpan.examine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import terpan.config.AppTarget;
import terpan.config.Settings;

/**
 * The Python files of an application that lie beside it: what its module imports, and what it names in a string with dots or in a list
 * of names, as Django's settings do. Nothing of it is run; files that only lie there are not looked at.
 */
final class OwnSources {
    static final int FILES_MOST = 400;
    static final int BYTES_MOST = 256 * 1024;
    private static final int NAMES_MOST = 20_000;
    /** Of names in one import that goes over lines. */
    private static final int LIST_MOST = 4_000;

    private static final Pattern COMMENT = Pattern.compile("(?m)^[ \\t]*+#.*+$|[ \\t]#[^\"'\\n]*+$");
    private static final Pattern FROM =
            Pattern.compile("(?m)^[ \\t]*+from[ \\t]++([.\\w]++)[ \\t]++import[ \\t]*+(\\([^)]{0," + LIST_MOST
                    + "}|[^\\n(]{0," + LIST_MOST + "})");
    private static final Pattern IMPORT = Pattern.compile("(?m)^[ \\t]*+import[ \\t]++([^\\n]{1," + LIST_MOST + "})");
    private static final Pattern NAME = Pattern.compile("[\"']([A-Za-z_][\\w.]{0,200})[\"']");
    private static final Pattern WORD = Pattern.compile("[\\w.]++");
    private static final Set<String> NO_NAMES = Set.of("", "as", "import");

    private final List<Path> roots;
    private final SequencedMap<Path, String> texts = new LinkedHashMap<>();
    private final ArrayDeque<Path> waiting = new ArrayDeque<>();
    private int names;

    private OwnSources(List<Path> roots) {
        this.roots = roots;
    }

    /** Text by file, in the order in which they were found; comments are left out, and what is beyond the bounds. */
    static SequencedMap<Path, String> of(Settings.Application application) {
        AppTarget target = application.target();
        OwnSources sources = new OwnSources(Stream.of(target.directory(), application.chdir())
                .map(Path::normalize)
                .distinct()
                .toList());
        target.file().ifPresent(sources::add);
        sources.module(target.module());
        application.environment().values().stream()
                .filter(value -> value.length() <= 200 && WORD.matcher(value).matches())
                .forEach(sources::module);
        sources.follow();
        return sources.texts;
    }

    private void follow() {
        for (Path next = waiting.poll(); next != null; next = waiting.poll()) {
            String text = COMMENT.matcher(read(next)).replaceAll("");
            texts.put(next, text);
            for (Matcher found = FROM.matcher(text); found.find(); ) {
                from(next, found.group(1), found.group(2));
            }
            for (Matcher found = IMPORT.matcher(text); found.find(); ) {
                words(found.group(1)).forEach(this::module);
            }
            for (Matcher found = NAME.matcher(text); found.find(); ) {
                module(found.group(1));
            }
        }
    }

    private void from(Path file, String source, String imported) {
        String name = source.replaceFirst("^\\.+", "");
        int dots = source.length() - name.length();
        List<String> within = new ArrayList<>(words(imported));
        within.add("");
        if (dots == 0) {
            within.forEach(word -> module(word.isEmpty() ? name : name + "." + word));
            return;
        }
        Path folder = file.getParent();
        for (int up = 1; up < dots && folder != null; up++) {
            folder = folder.getParent();
        }
        // Not out of what is the application's.
        if (folder == null || roots.stream().noneMatch(folder::startsWith)) {
            return;
        }
        for (String word : within) {
            place(folder, Stream.of(name, word).filter(part -> !part.isEmpty()).toList());
        }
    }

    private static List<String> words(String text) {
        return WORD.matcher(text)
                .results()
                .map(found -> found.group())
                .filter(word -> !NO_NAMES.contains(word))
                .toList();
    }

    private void module(String dotted) {
        roots.forEach(root -> place(root, List.of(dotted)));
    }

    /** The file of a module, and those of the packages it lies in. A name in it may follow the module's. */
    private void place(Path root, List<String> dotted) {
        Path folder = root;
        for (String part : String.join(".", dotted).split("\\.", -1)) {
            if (part.isEmpty() || ++names > NAMES_MOST) {
                return;
            }
            add(folder.resolve(part + ".py"));
            folder = folder.resolve(part);
            if (!Files.isDirectory(folder)) {
                return;
            }
            add(folder.resolve("__init__.py"));
        }
    }

    private void add(Path file) {
        if (texts.size() + waiting.size() < FILES_MOST
                && !texts.containsKey(file)
                && !waiting.contains(file)
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            waiting.add(file);
        }
    }

    private static String read(Path file) {
        try (InputStream stream = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return new String(stream.readNBytes(BYTES_MOST), ISO_8859_1);
        } catch (IOException unreadable) {
            return "";
        }
    }

    /** The first file in which something is found, as people name it; empty if there is none. */
    static String where(Map<Path, String> sources, Path directory, Pattern sought) {
        return sources.entrySet().stream()
                .filter(source -> sought.matcher(source.getValue()).find())
                .map(source -> source.getKey().startsWith(directory)
                        ? directory.relativize(source.getKey()).toString()
                        : source.getKey().toString())
                .findFirst()
                .orElse("");
    }
}
