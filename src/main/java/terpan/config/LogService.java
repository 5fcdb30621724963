package terpan.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who takes lines of a log instead of a file, such as {@code syslog:udp:loghost:514}. */
public sealed interface LogService {
    /**
     * systemd's journal, in its native protocol.
     *
     * @param socket where it takes datagrams
     */
    record Journald(Path socket) implements LogService {}

    /**
     * A syslog daemon of this machine (RFC 5424), by datagrams.
     *
     * @param facility 0 to 23
     */
    record LocalSyslog(Path socket, int facility) implements LogService {}

    /**
     * A syslog receiver by UDP (RFC 5426) or TCP (RFC 6587, octet counting).
     *
     * @param port 1 to 65,535
     * @param facility 0 to 23
     */
    record Syslog(boolean tcp, String host, int port, int facility) implements LogService {}

    /** What is expected, in words. */
    String FORM =
            "journald, journald:PATH, syslog, syslog:unix:PATH, syslog:udp:HOST:PORT or syslog:tcp:HOST:PORT, those of syslog with [,facility=NAME]";

    /** The names of facilities by their numbers, RFC 5424, section 6.2.1; those without a usual name can not be chosen. */
    List<String> FACILITIES = List.of(
            "kern",
            "user",
            "mail",
            "daemon",
            "auth",
            "syslog",
            "lpr",
            "news",
            "uucp",
            "cron",
            "authpriv",
            "ftp",
            "",
            "",
            "",
            "",
            "local0",
            "local1",
            "local2",
            "local3",
            "local4",
            "local5",
            "local6",
            "local7");

    /** Reads one as a person writes it; relative paths count from {@code base}. */
    static Parsed<LogService> read(String text, Path base) {
        Matcher journal = Pattern.compile("journald(?::(.+))?").matcher(text);
        if (journal.matches()) {
            String path = journal.group(1) == null ? "/run/systemd/journal/socket" : journal.group(1);
            return socket(base, path).then(socket -> Parsed.good(new Journald(socket)));
        }
        Matcher syslog = Pattern.compile(
                        "syslog(?::unix:([^,]+)|:(udp|tcp):(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+):([0-9]{1,5}))?(?:,facility=([a-z0-9]+))?")
                .matcher(text);
        if (!syslog.matches()) {
            return Parsed.bad("expected " + FORM);
        }
        String named = syslog.group(5) == null ? "daemon" : syslog.group(5).toLowerCase(Locale.ROOT);
        int facility = FACILITIES.indexOf(named);
        if (facility < 0) {
            return Parsed.bad("\"" + named + "\" is no facility, expected one of "
                    + String.join(
                            ", ",
                            FACILITIES.stream().filter(name -> !name.isEmpty()).toList()));
        }
        if (syslog.group(2) == null) {
            String path = syslog.group(1) == null ? "/dev/log" : syslog.group(1);
            return socket(base, path).then(socket -> Parsed.good(new LocalSyslog(socket, facility)));
        }
        int port = Integer.parseInt(syslog.group(4));
        if (port < 1 || port > 65_535) {
            return Parsed.bad("its port is " + port + ", expected one from 1 to 65,535");
        }
        String host = syslog.group(3).replaceAll("[\\[\\]]", "");
        return Parsed.good(new Syslog(syslog.group(2).equals("tcp"), host, port, facility));
    }

    private static Parsed<Path> socket(Path base, String path) {
        Path socket = base.resolve(path).normalize();
        return socket.toString().getBytes(UTF_8).length > Addresses.LONGEST_PATH
                ? Parsed.bad(
                        "its path has more than " + Addresses.LONGEST_PATH + " bytes, which no Unix socket can have")
                : Parsed.good(socket);
    }

    /** As a person reads it. */
    default String words() {
        return switch (this) {
            case Journald journal -> "journald at " + journal.socket;
            case LocalSyslog syslog -> "syslog at " + syslog.socket;
            case Syslog syslog -> "syslog at " + (syslog.tcp ? "tcp:" : "udp:") + syslog.host + ":" + syslog.port;
        };
    }
}
