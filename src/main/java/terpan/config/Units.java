package terpan.config;

import java.math.BigInteger;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and sizes as a person writes them: a whole number and a unit, {@code 30s}, {@code 16KiB}. */
public final class Units {
    private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,15})\\s*([A-Za-z]*)");
    private static final Map<String, Long> NANOSECONDS = new LinkedHashMap<>();
    private static final Map<String, Long> BINARY = new LinkedHashMap<>();
    private static final Map<String, Long> BYTES = new LinkedHashMap<>();

    static {
        NANOSECONDS.put("d", 86_400_000_000_000L);
        NANOSECONDS.put("h", 3_600_000_000_000L);
        NANOSECONDS.put("m", 60_000_000_000L);
        NANOSECONDS.put("s", 1_000_000_000L);
        NANOSECONDS.put("ms", 1_000_000L);
        NANOSECONDS.put("us", 1_000L);
        BINARY.put("TiB", 1L << 40);
        BINARY.put("GiB", 1L << 30);
        BINARY.put("MiB", 1L << 20);
        BINARY.put("KiB", 1L << 10);
        BINARY.put("B", 1L);
        BYTES.putAll(BINARY);
        BYTES.put("TB", 1_000_000_000_000L);
        BYTES.put("GB", 1_000_000_000L);
        BYTES.put("MB", 1_000_000L);
        BYTES.put("kB", 1_000L);
    }

    private Units() {}

    /** A time, or what was expected in its place. */
    static Parsed<Duration> time(String text) {
        return amount(text, NANOSECONDS, "a time with a unit (us, ms, s, m, h, d), such as \"30s\"", "s")
                .then(nanoseconds -> Parsed.good(Duration.ofNanos(nanoseconds)));
    }

    /** A number of bytes, or what was expected in its place. */
    static Parsed<Long> size(String text) {
        return amount(
                text, BYTES, "a size with a unit (B, KiB, MiB, GiB, TiB, kB, MB, GB, TB), such as \"16KiB\"", "MiB");
    }

    /** A time in the largest unit that takes it whole, to the microsecond. */
    public static String show(Duration time) {
        long micros = TimeUnit.NANOSECONDS.toMicros(time.toNanos());
        return show(TimeUnit.MICROSECONDS.toNanos(micros), NANOSECONDS, "s");
    }

    /** A size in the largest unit of two's powers that takes it whole. */
    public static String show(long bytes) {
        return show(bytes, BINARY, "B");
    }

    private static String show(long amount, Map<String, Long> units, String zero) {
        if (amount == 0) {
            return "0" + zero;
        }
        return units.entrySet().stream()
                .filter(unit -> amount % unit.getValue() == 0)
                .findFirst()
                .map(unit -> amount / unit.getValue() + unit.getKey())
                .orElseThrow();
    }

    private static Parsed<Long> amount(String text, Map<String, Long> units, String form, String usual) {
        Matcher matcher = AMOUNT.matcher(text.strip());
        if (!matcher.matches()) {
            return Parsed.bad("expected " + form);
        }
        BigInteger number = new BigInteger(matcher.group(1));
        String unit = matcher.group(2);
        if (unit.isEmpty()) {
            return number.signum() == 0
                    ? Parsed.good(0L)
                    : Parsed.bad("it has no unit, expected " + form + "; did you mean \"" + number + usual + "\"?");
        }
        Optional<Long> factor = Optional.ofNullable(units.get(unit));
        if (factor.isEmpty()) {
            return Parsed.bad("\"" + unit + "\" is no known unit, expected " + form);
        }
        BigInteger amount = number.multiply(BigInteger.valueOf(factor.get()));
        return amount.bitLength() > 62
                ? Parsed.bad("it is too large, expected " + form)
                : Parsed.good(amount.longValue());
    }
}
