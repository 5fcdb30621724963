package terpan.examine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import terpan.config.Settings;

/** Whether an application that several workers serve keeps in each of them what all should share, as far as its own files show it. */
final class StateInProcess {
    private static final String SUBJECT = "state";
    private static final String ALONE = "--workers 1 --threads N";

    private static final Pattern ROOMS = Pattern.compile(
            "\\bflask_socketio\\b|\\bsocketio\\s*\\.\\s*(?:Async)?Server\\s*\\(|\\bfrom\\s+socketio\\s+import\\b");
    private static final Pattern QUEUE = Pattern.compile(
            "\\bmessage_queue\\b|\\bclient_manager\\b|\\b(?:Async)?(?:Redis|Kombu|Kafka|Zmq|AioPika)Manager\\b");
    private static final Pattern SIMPLE_CACHE = Pattern.compile("\\bSimpleCache\\s*\\(|[\"'][\\w.]*\\bSimpleCache[\"']"
            + "|\\bCACHE_TYPE\\b[\"'\\]\\s]*[:=]\\s*[\"'](?:simple|flask_caching\\.backends\\.simple)[\"']");
    private static final Pattern LOCAL_MEMORY =
            Pattern.compile("[\"'][\\w.]*\\bLocMemCache[\"']|\\bLocMemCache\\s*\\(");
    private static final Pattern DJANGO_SETTINGS =
            Pattern.compile("(?m)^(?:INSTALLED_APPS|ROOT_URLCONF)\\b\\s*=|\\bsettings\\.configure\\s*\\(");
    private static final Pattern CACHES = Pattern.compile("\\bCACHES\\b");
    private static final Pattern DJANGO_CACHE_USED =
            Pattern.compile("\\bdjango\\.core\\.cache\\b|\\bdjango\\.core\\s+import\\s+cache\\b"
                    + "|\\bdjango\\.views\\.decorators\\.cache\\s+import[^\\n]*\\bcache_page\\b"
                    + "|\\bdjango\\.contrib\\.sessions\\.backends\\.cache|\\bUpdateCacheMiddleware\\b");

    private StateInProcess() {}

    /** Nothing where one process serves everybody. */
    static List<Finding> look(Settings settings) {
        int workers =
                Settings.mostWorkers(settings.groups()) + settings.attach().size();
        if (settings.application().isEmpty() || workers < 2) {
            return List.of();
        }
        Settings.Application application = settings.application().get();
        Path directory = application.target().directory();
        Map<Path, String> sources = OwnSources.of(application);
        List<Finding> found = new ArrayList<>();
        String several = ", and " + workers + " workers serve";
        String rooms = OwnSources.where(sources, directory, ROOMS);
        if (!rooms.isEmpty()) {
            boolean queue = !OwnSources.where(sources, directory, QUEUE).isEmpty();
            found.addAll(rooms(rooms, queue, settings.dispatch().choice() == Settings.Choice.STICKY, several));
        }
        String simple = OwnSources.where(sources, directory, SIMPLE_CACHE);
        if (!simple.isEmpty()) {
            found.add(Finding.warning(
                    SUBJECT,
                    simple + " keeps a SimpleCache in each process" + several,
                    "a cache in Redis, Memcached or files, or " + ALONE));
        }
        found.addAll(django(sources, directory, several));
        return found;
    }

    private static List<Finding> rooms(String file, boolean queue, boolean sticky, String several) {
        if (!sticky) {
            return List.of(Finding.warning(
                    SUBJECT,
                    file + " uses Socket.IO, which knows a client in the process that it came to first" + several,
                    "--choice sticky" + (queue ? "" : " and a message queue for what goes to all clients") + ", or "
                            + ALONE));
        }
        return queue
                ? List.of()
                : List.of(Finding.warning(
                        SUBJECT,
                        file + " uses Socket.IO without a message queue" + several
                                + ": what goes to all clients reaches those of one worker",
                        "a message queue, or " + ALONE));
    }

    private static List<Finding> django(Map<Path, String> sources, Path directory, String several) {
        String advice = "RedisCache, PyMemcacheCache, DatabaseCache or FileBasedCache in CACHES, or " + ALONE;
        String named = OwnSources.where(sources, directory, LOCAL_MEMORY);
        if (!named.isEmpty()) {
            return List.of(Finding.warning(
                    SUBJECT, named + " names Django's LocMemCache, one for each process" + several, advice));
        }
        String own = OwnSources.where(sources, directory, DJANGO_SETTINGS);
        if (own.isEmpty() || !OwnSources.where(sources, directory, CACHES).isEmpty()) {
            return List.of();
        }
        String use = OwnSources.where(sources, directory, DJANGO_CACHE_USED);
        return List.of(
                use.isEmpty()
                        ? Finding.ok(
                                SUBJECT,
                                own
                                        + " has no CACHES: Django's cache is LocMemCache, one for each process; nothing seen uses it")
                        : Finding.warning(
                                SUBJECT,
                                use + " uses Django's cache, and " + own
                                        + " has no CACHES: it is LocMemCache, one for each process" + several,
                                advice));
    }
}
