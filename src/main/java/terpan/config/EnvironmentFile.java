package terpan.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a file of {@code NAME=VALUE} lines. Empty lines and lines that begin with {@code #} are left out, {@code export} before
 * the name is allowed, and a value in quotes is taken without them; nothing is expanded.
 */
final class EnvironmentFile {
    static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private static final Pattern LINE = Pattern.compile("\\s*(?:export\\s+)?([^=\\s]+)\\s*=\\s*(.*?)\\s*");
    private static final long LONGEST_FILE = 1L << 20;

    private EnvironmentFile() {}

    /** Reads all lines that can be read and reports the others. */
    static Map<String, String> read(Path file, Where named, List<Problem> problems) {
        Map<String, String> variables = new LinkedHashMap<>();
        List<String> lines;
        try {
            if (Files.size(file) > LONGEST_FILE) {
                problems.add(Problem.setting(named, "application.env-file " + file + " is longer than 1MiB"));
                return variables;
            }
            lines = Files.readString(file, StandardCharsets.UTF_8).lines().toList();
        } catch (CharacterCodingException malformed) {
            problems.add(Problem.setting(named, "application.env-file " + file + " is not UTF-8: save it as UTF-8"));
            return variables;
        } catch (IOException failure) {
            problems.add(Problem.setting(named, "application.env-file can not be read: " + failure));
            return variables;
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches() && NAME.matcher(matcher.group(1)).matches()) {
                variables.put(matcher.group(1), unquoted(matcher.group(2)));
            } else {
                // The line is not shown, for it may hold a secret.
                problems.add(Problem.setting(
                        new Where.InFile(file, i + 1, 1), "this line is no variable, expected NAME=VALUE"));
            }
        }
        return variables;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2
                && (value.charAt(0) == '"' || value.charAt(0) == '\'')
                && value.charAt(0) == value.charAt(value.length() - 1);
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
