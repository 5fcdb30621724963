package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import terpan.http.RequestHead;

/** Beginnings of paths as settings have them, in which a star stands for any characters; the path is looked at as it was sent. */
final class PathPatterns {
    private final List<Pattern> patterns;

    PathPatterns(List<String> beginnings) {
        patterns = beginnings.stream()
                .map(text ->
                        Stream.of(text.split("\\*", -1)).map(Pattern::quote).toList())
                .map(parts -> Pattern.compile(String.join(".*", parts)))
                .toList();
    }

    /** Whether the request's path begins like one of them. */
    boolean match(RequestHead head) {
        String path = new String(head.bytes, head.pathStart, head.pathEnd - head.pathStart, ISO_8859_1);
        return patterns.stream().anyMatch(pattern -> pattern.matcher(path).lookingAt());
    }
}
