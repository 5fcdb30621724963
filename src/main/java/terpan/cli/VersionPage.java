package terpan.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import terpan.daemon.Terpan;

/** What {@code terpan version} shows: for a person who reports something, too. */
final class VersionPage {
    private static final String CACHE = ".aot";

    private VersionPage() {}

    static String text() {
        String version = Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("(not packaged)");
        return "terpan " + version + ", Java " + Runtime.version().feature() + "\n";
    }

    /** The same with what it runs with. */
    static String verbose() {
        Columns columns = new Columns();
        columns.row("Java", System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vendor"));
        columns.row("Java in", System.getProperty("java.home"));
        columns.row(
                "machine",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"));
        columns.row("start-up cache", cache().orElse("none: a start takes longer"));
        columns.row("TLS", Terpan.tlsEngine());
        columns.row("program", Terpan.program().toString());
        libraries(Terpan.program()).forEach(library -> columns.row("library", library));
        return text() + "\n" + columns.text();
    }

    /** The file that the JVM has mapped. */
    private static Optional<String> cache() {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
            return maps.filter(line -> line.endsWith(CACHE))
                    .map(line -> line.substring(line.indexOf('/')))
                    .findFirst();
        } catch (IOException notLinux) {
            return Optional.empty();
        }
    }

    /** Those that the program's manifest names, with the version in their names. */
    private static List<String> libraries(Path program) {
        if (!Files.isRegularFile(program)) {
            return List.of();
        }
        try (JarFile jar = new JarFile(program.toFile())) {
            String path = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            return Stream.of(path.split(" "))
                    .map(name -> name.replaceFirst("^lib/", "").replaceFirst("\\.jar$", ""))
                    .map(name -> name.replaceFirst("-(?=[0-9])", " "))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            return List.of();
        }
    }
}
