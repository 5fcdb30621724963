package terpan.config;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/**
 * The type of a setting: how one value of it is written and read.
 *
 * @param type the type of the value that comes out
 * @param toml how it is written in the file
 * @param form what is expected, as a problem and the reference say it
 * @param label the word for the value in help
 * @param reading reads text; the path is the directory against which relative paths count
 */
record Kind<T>(Class<T> type, Toml toml, String form, String label, BiFunction<String, Path, Parsed<T>> reading) {
    /** The TOML types that settings have. */
    enum Toml {
        STRING,
        INTEGER,
        INTEGER_OR_STRING,
        BOOLEAN,
        /** A table, or one line of text that says the same. */
        TABLE
    }

    private static final int LONGEST_TEXT = 4_096;
    private static final int GROUP = 3;

    Parsed<T> read(String text, Path base) {
        if (text.length() > LONGEST_TEXT || text.indexOf('\0') >= 0) {
            return Parsed.bad("it is longer than 4,096 characters or holds a zero, expected " + form);
        }
        return reading.apply(text, base);
    }

    /** Text that matches a pattern. */
    static Kind<String> text(String label, String form, String pattern) {
        Pattern compiled = Pattern.compile(pattern);
        return new Kind<>(
                String.class,
                Toml.STRING,
                form,
                label,
                (text, base) -> compiled.matcher(text).matches() ? Parsed.good(text) : Parsed.bad("expected " + form));
    }

    static Kind<Integer> whole(int least, int most) {
        String form = "a whole number from " + grouped(least) + " to " + grouped(most);
        return new Kind<>(Integer.class, Toml.INTEGER, form, "N", (text, base) -> {
            if (!text.strip().matches("[+-]?[0-9]{1,18}")) {
                return Parsed.bad("expected " + form);
            }
            long number = Long.parseLong(text.strip());
            return number < least || number > most ? Parsed.bad("expected " + form) : Parsed.good((int) number);
        });
    }

    /** Digits with a comma after each three; a formatter would load a locale's data at every start. */
    private static String grouped(int number) {
        StringBuilder digits = new StringBuilder().append(number);
        for (int at = digits.length() - GROUP; at > 0; at -= GROUP) {
            digits.insert(at, ',');
        }
        return digits.toString();
    }

    static Kind<Integer> percent(int least, int most) {
        String form = "a share from " + least + "% to " + most + "%";
        return new Kind<>(Integer.class, Toml.STRING, form, "SHARE", (text, base) -> {
            if (!text.strip().matches("[0-9]{1,3}%")) {
                return Parsed.bad("expected " + form);
            }
            int number = Integer.parseInt(text.strip().replace("%", ""));
            return number < least || number > most ? Parsed.bad("expected " + form) : Parsed.good(number);
        });
    }

    static Kind<Duration> time(Duration least, Duration most) {
        String form = "a time from " + Units.show(least) + " to " + Units.show(most);
        return new Kind<>(
                Duration.class, Toml.STRING, form, "TIME", (text, base) -> within(Units.time(text), least, most, form));
    }

    static Kind<Long> size(long least, long most) {
        String form = "a size from " + Units.show(least) + " to " + Units.show(most);
        return new Kind<>(
                Long.class, Toml.STRING, form, "SIZE", (text, base) -> within(Units.size(text), least, most, form));
    }

    private static <V extends Comparable<V>> Parsed<V> within(Parsed<V> parsed, V least, V most, String form) {
        return parsed.then(value -> value.compareTo(least) < 0 || value.compareTo(most) > 0
                ? Parsed.bad("expected " + form)
                : Parsed.good(value));
    }

    static Kind<Boolean> onOff() {
        return new Kind<>(Boolean.class, Toml.BOOLEAN, "true or false", "", (text, base) -> switch (text.strip()
                .toLowerCase(Locale.ROOT)) {
            case "true", "on", "yes", "1" -> Parsed.good(true);
            case "false", "off", "no", "0" -> Parsed.good(false);
            default -> Parsed.bad("expected true or false");
        });
    }

    /** One of the names of an enum, written in small letters with hyphens. */
    static <E extends Enum<E>> Kind<E> oneOf(Class<E> type, E[] values) {
        List<String> names = Arrays.stream(values).map(Kind::written).toList();
        String form = "one of " + String.join(", ", names);
        return new Kind<>(type, Toml.STRING, form, "NAME", (text, base) -> {
            int found = names.indexOf(text);
            if (found >= 0) {
                return Parsed.good(values[found]);
            }
            return Parsed.bad("expected " + form + Nearest.hint(text, names, "\""));
        });
    }

    /** The names that it takes one of; none where it takes something else. */
    List<String> choices() {
        return type.isEnum()
                ? Arrays.stream(type.getEnumConstants())
                        .map(value -> written((Enum<?>) value))
                        .toList()
                : List.of();
    }

    private static String written(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A path, made absolute. */
    static Kind<Path> path() {
        return new Kind<>(
                Path.class,
                Toml.STRING,
                "a path",
                "PATH",
                (text, base) -> text.isEmpty()
                        ? Parsed.bad("expected a path")
                        : Parsed.good(base.resolve(text).normalize()));
    }

    /** A program: a path, made absolute, or a bare name that is looked for on the path later. */
    static Kind<Path> program() {
        return new Kind<>(Path.class, Toml.STRING, "a path or the name of a program", "PROGRAM", (text, base) -> {
            if (text.isBlank()) {
                return Parsed.bad("expected a path or the name of a program");
            }
            // Not normalized: python of a virtual environment is a link whose own place counts.
            boolean isPath = text.contains("/") || Files.isDirectory(base.resolve(text));
            return Parsed.good(isPath ? base.resolve(text) : Path.of(text));
        });
    }

    static Kind<Bind> bind() {
        return new Kind<>(
                Bind.class,
                Toml.STRING,
                "HOST:PORT, :PORT (every address), PORT (this machine only), [IPv6]:PORT or unix:PATH[,mode=OCTAL][,group=NAME], all with [,tls][,h2c][,proxy-protocol]",
                "ADDRESS",
                Addresses::bind);
    }

    static Kind<String> suite() {
        return new Kind<>(
                String.class,
                Toml.STRING,
                "a suite's name as OpenSSL or IANA has it, with ECDHE and AES or ChaCha20",
                "NAME",
                (text, base) -> TlsSuites.read(text));
    }

    static Kind<Attach> attach() {
        return new Kind<>(
                Attach.class,
                Toml.STRING,
                "unix:PATH or HOST:PORT, both with [,capacity=N] from 1 to 65,535, [,weight=N] from 1 to 100, [,group=NAME], [,check-path=PATH] and [,check-every=TIME]",
                "ADDRESS",
                Addresses::attach);
    }

    /** An IP address, a network by address and prefix length, or {@code unix}. */
    static Kind<String> peer() {
        String form = "an IP address, a network such as 10.0.0.0/8, or unix";
        return new Kind<>(
                String.class,
                Toml.STRING,
                form,
                "PEER",
                (text, base) -> isPeer(text) ? Parsed.good(text) : Parsed.bad("expected " + form));
    }

    private static boolean isPeer(String text) {
        if (text.equals("unix")) {
            return true;
        }
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        String length = slash < 0 ? "0" : text.substring(slash + 1);
        if (!literal.matches("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*") || !length.matches("[0-9]{1,3}")) {
            return false;
        }
        try {
            return Integer.parseInt(length) <= InetAddress.ofLiteral(literal).getAddress().length * 8;
        } catch (IllegalArgumentException notAnAddress) {
            return false;
        }
    }

    /** {@code NAME=VALUE}; only the value, the name was split off before. */
    static Kind<String> entry(String label) {
        return new Kind<>(String.class, Toml.STRING, "NAME=VALUE", label, (text, base) -> Parsed.good(text));
    }
}
