package terpan.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.tomlj.Toml;

/** The files that settings may stand in: {@code terpan.toml}, and the table {@code [tool.terpan]} of a project's {@code pyproject.toml}. */
final class SettingsFile {
    /** The settings file that is looked for first. */
    static final String OWN = "terpan.toml";

    /** Where a Python project keeps the settings of its tools. */
    static final String PROJECT = "pyproject.toml";

    /** Our table in that. */
    static final List<String> TABLE = List.of("tool", "terpan");

    static final long LONGEST = 1L << 20;

    private static final Pattern HEADER =
            Pattern.compile("(?m)^\\s*\\[{1,2}\\s*tool\\s*\\.\\s*[\"']?terpan[\"']?\\s*[.\\]]");

    private SettingsFile() {}

    /** That of a folder; its {@code pyproject.toml} only if our table is in it. */
    static Optional<Path> in(Path folder) {
        Path own = folder.resolve(OWN);
        return Files.isRegularFile(own) ? Optional.of(own) : projectIn(folder);
    }

    /** That of a folder's project, if our table is in it. */
    static Optional<Path> projectIn(Path folder) {
        Path project = folder.resolve(PROJECT);
        return speaksOfUs(project) ? Optional.of(project) : Optional.empty();
    }

    /** Whether settings stand in a table of this file, not at its top. */
    static boolean isProject(Path file) {
        return file.endsWith(PROJECT);
    }

    /** Most projects' files say nothing of us, and are not parsed. */
    private static boolean speaksOfUs(Path project) {
        try {
            if (!Files.isRegularFile(project) || Files.size(project) > LONGEST) {
                return false;
            }
            // Whatever its letters are: what is no UTF-8 is told once the file is read.
            String text = Files.readString(project, StandardCharsets.ISO_8859_1);
            return HEADER.matcher(text).find()
                    || (text.contains(TABLE.getLast()) && Toml.parse(text).get(TABLE) != null);
        } catch (IOException unreadable) {
            return false;
        }
    }
}
