package terpan.server;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * A version that is known to break, or to serve worse than another.
 *
 * @param server the server that is meant
 * @param distribution whose version it is
 * @param fatal whether the server does not serve at all
 * @param reason what goes wrong
 * @param advice what to do
 */
public record KnownFault(
        String server,
        String distribution,
        Predicate<Version> version,
        Predicate<Version> python,
        boolean fatal,
        String reason,
        String advice) {
    private static final Predicate<Version> ANY = since(0);

    /** Every fault we know of; a person meets them by {@code terpan doctor}. */
    public static final List<KnownFault> ALL = List.of(
            fatal(
                    "meinheld",
                    "meinheld",
                    ANY,
                    since(3, 13),
                    "it builds on Python 3.13 and later but does not import",
                    "use Python 3.12 or older, or another server"),
            fatal(
                    "cherrypy",
                    "cherrypy",
                    since(9),
                    ANY,
                    "CherryPy 9 and later have no wsgiserver",
                    "pip install cherrypy==8.9.1, or use the server cheroot, which came of it"),
            fatal(
                    "gunicorn",
                    "gunicorn",
                    before(20),
                    ANY,
                    "Gunicorn before 20 does not run on Python 3.9 and later",
                    "pip install --upgrade gunicorn"),
            fatal(
                    "waitress",
                    "waitress",
                    before(1, 2),
                    ANY,
                    "Waitress before 1.2 lacks settings that the launcher needs",
                    "pip install --upgrade waitress"),
            worse(
                    "waitress",
                    "waitress",
                    before(2, 1, 1),
                    ANY,
                    "Waitress before 2.1.1 can end at a client that leaves",
                    "pip install --upgrade waitress"),
            fatal(
                    "eventlet",
                    "eventlet",
                    before(0, 34),
                    since(3, 12),
                    "Eventlet before 0.34 does not import on Python 3.12",
                    "pip install --upgrade eventlet"),
            fatal(
                    "tornado",
                    "tornado",
                    before(6, 3),
                    ANY,
                    "Tornado before 6.3 runs no WSGI application on threads",
                    "pip install --upgrade tornado"),
            fatal(
                    "hypercorn",
                    "hypercorn",
                    before(0, 14),
                    ANY,
                    "Hypercorn before 0.14 runs no WSGI application",
                    "pip install --upgrade hypercorn"),
            worse(
                    "granian",
                    "granian",
                    other(2, 8),
                    ANY,
                    "its launcher stands on insides of Granian 2.8 that other versions may not have",
                    "pip install 'granian==2.8.*'"));

    /** A version by its numbers; what is no number ends it. */
    public record Version(List<Integer> numbers) implements Comparable<Version> {
        public static Version of(String text) {
            return new Version(Arrays.stream(text.split("[.+-]"))
                    .map(part -> part.replaceFirst("\\D.*", ""))
                    .takeWhile(part -> !part.isEmpty() && part.length() < 9)
                    .map(Integer::valueOf)
                    .toList());
        }

        @Override
        public int compareTo(Version other) {
            for (int index = 0; index < Math.max(numbers.size(), other.numbers.size()); index++) {
                int order = Integer.compare(number(index), other.number(index));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        }

        private int number(int index) {
            return index < numbers.size() ? numbers.get(index) : 0;
        }
    }

    /** Whether it applies to what is installed. */
    public boolean applies(String installed, String interpreter) {
        return version.test(Version.of(installed)) && python.test(Version.of(interpreter));
    }

    private static KnownFault fatal(
            String server,
            String distribution,
            Predicate<Version> version,
            Predicate<Version> python,
            String reason,
            String advice) {
        return new KnownFault(server, distribution, version, python, true, reason, advice);
    }

    private static KnownFault worse(
            String server,
            String distribution,
            Predicate<Version> version,
            Predicate<Version> python,
            String reason,
            String advice) {
        return new KnownFault(server, distribution, version, python, false, reason, advice);
    }

    private static Version version(Integer... numbers) {
        return new Version(List.of(numbers));
    }

    private static Predicate<Version> since(Integer... numbers) {
        return version -> version.compareTo(version(numbers)) >= 0;
    }

    private static Predicate<Version> before(Integer... numbers) {
        return version -> version.compareTo(version(numbers)) < 0;
    }

    /** Another than those that begin with these numbers. */
    private static Predicate<Version> other(Integer... numbers) {
        return version -> !version.numbers()
                .subList(0, Math.min(numbers.length, version.numbers().size()))
                .equals(List.of(numbers));
    }
}
