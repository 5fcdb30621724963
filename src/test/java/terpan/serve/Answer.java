package terpan.serve;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An answer as a client has it.
 *
 * @param fields the field lines as sent
 * @param body each byte as a character; empty where there is none
 */
public record Answer(String version, int status, List<String> fields, String body) {
    public Optional<String> field(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return fields.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                .map(line -> line.substring(start.length()).strip())
                .findFirst();
    }

    public Answer withBody(String newBody) {
        return new Answer(version, status, fields, newBody);
    }
}
