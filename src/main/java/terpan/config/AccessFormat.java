package terpan.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The shape of an access log line: one that has a name, or text with atoms in it, read once.
 *
 * @param name combined, json or logfmt; empty: it has {@code parts}
 * @param parts what a line is made of, in order
 */
public record AccessFormat(String name, List<Part> parts) {
    /** Apache's combined format with our fields behind it. */
    public static final AccessFormat COMBINED = new AccessFormat("combined", List.of());

    /** One JSON object a line. */
    public static final AccessFormat JSON = new AccessFormat("json", List.of());

    /** Words with values. */
    public static final AccessFormat LOGFMT = new AccessFormat("logfmt", List.of());

    /** A piece of a line. */
    public sealed interface Part {}

    /** Text that is the same in every line. */
    public record Text(String text) implements Part {}

    /**
     * A value of the request.
     *
     * @param quoted whether it stands between double quotes, where spaces are harmless
     */
    public record Value(AccessAtom atom, boolean quoted) implements Part {}

    /**
     * A field of the request, such as its Accept-Language.
     *
     * @param name in small letters
     * @param quoted whether it stands between double quotes
     */
    public record Field(String name, boolean quoted) implements Part {}

    static final List<String> NAMES = List.of("combined", "json", "logfmt");
    static final String FORM =
            "combined, json, logfmt, or text with atoms of nginx ($status) or Gunicorn (%(s)s), as docs/logging.md lists them";

    private static final String NGINX_FIELD = "http_";
    private static final Pattern ATOM = Pattern.compile("\\$(?:\\{([^}]*)\\}|([A-Za-z0-9_]*))|%(?:\\(([^)]*)\\)s|)");
    private static final Pattern GUNICORN_FIELD = Pattern.compile("\\{([A-Za-z0-9!#$&'*+.^_`|~-]+)\\}([a-z])");

    /** One of these names, or text with at least one atom. */
    static Parsed<AccessFormat> read(String text) {
        int known = NAMES.indexOf(text);
        if (known >= 0) {
            return Parsed.good(new AccessFormat(text, List.of()));
        }
        if (text.chars().anyMatch(letter -> letter != '\t' && Character.isISOControl(letter))) {
            return Parsed.bad("it has a control character, expected " + FORM);
        }
        if (!text.contains("$") && !text.contains("%")) {
            return Parsed.bad("expected " + FORM + Nearest.hint(text, NAMES, "\""));
        }
        return parts(text);
    }

    private static Parsed<AccessFormat> parts(String text) {
        List<Part> parts = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        StringBuilder between = new StringBuilder();
        boolean quoted = false;
        Matcher atom = ATOM.matcher(text);
        int at = 0;
        while (at < text.length()) {
            char letter = text.charAt(at);
            boolean sign = letter == '$' || letter == '%';
            if (!sign || text.startsWith(String.valueOf(letter).repeat(2), at)) {
                quoted ^= letter == '"';
                between.append(letter);
                at += sign ? 2 : 1;
                continue;
            }
            if (!between.isEmpty()) {
                parts.add(new Text(between.toString()));
                between.setLength(0);
            }
            atom.find(at);
            add(atom, quoted, parts, problems);
            at = atom.end();
        }
        if (!between.isEmpty()) {
            parts.add(new Text(between.toString()));
        }
        return problems.isEmpty()
                ? Parsed.good(new AccessFormat("", List.copyOf(parts)))
                : Parsed.bad(String.join(", and ", problems) + "; expected " + FORM);
    }

    private static void add(Matcher found, boolean quoted, List<Part> parts, List<String> problems) {
        Optional<Part> part = found.group(3) == null
                ? ofNginx(found.group(1) == null ? found.group(2) : found.group(1), quoted)
                : ofGunicorn(found.group(3), quoted);
        part.ifPresentOrElse(parts::add, () -> problems.add(problem(found.group())));
    }

    private static Optional<Part> ofNginx(@org.jspecify.annotations.Nullable String word, boolean quoted) {
        if (word == null || word.isEmpty()) {
            return Optional.empty();
        }
        if (word.startsWith(NGINX_FIELD) && word.length() > NGINX_FIELD.length()) {
            String name = word.substring(NGINX_FIELD.length()).replace('_', '-');
            return Optional.of(new Field(name.toLowerCase(Locale.ROOT), quoted));
        }
        String name = word.equals("query_string") ? AccessAtom.QUERY.variable() : word;
        return Arrays.stream(AccessAtom.values())
                .filter(atom -> atom.variable().equals(name))
                .findFirst()
                .map(atom -> new Value(atom, quoted));
    }

    private static Optional<Part> ofGunicorn(String word, boolean quoted) {
        Matcher field = GUNICORN_FIELD.matcher(word);
        if (field.matches() && field.group(2).equals("i")) {
            return Optional.of(new Field(field.group(1).toLowerCase(Locale.ROOT), quoted));
        }
        return Arrays.stream(AccessAtom.values())
                .filter(atom -> !word.isEmpty() && atom.letter().equals(word))
                .findFirst()
                .map(atom -> new Value(atom, quoted));
    }

    private static String problem(String written) {
        if (written.length() == 1) {
            return "a single \"" + written + "\" is no atom, expected \"" + written.repeat(2)
                    + "\" for the sign itself";
        }
        if (written.endsWith("}o)s") || written.endsWith("}e)s") || written.startsWith("$sent_http_")) {
            return "\"" + written + "\" is not known to the access log, which has the fields of requests alone";
        }
        List<String> all = Arrays.stream(AccessAtom.values())
                .flatMap(atom -> Stream.of("$" + atom.variable(), "%(" + atom.letter() + ")s"))
                .filter(name -> name.length() > 1 && !name.equals("%()s"))
                .toList();
        return "\"" + written + "\" is no atom"
                + Nearest.to(written, all)
                        .map(near -> ", did you mean \"" + near + "\"?")
                        .orElse("");
    }
}
