package terpan.config;

import static terpan.config.Setting.list;
import static terpan.config.Setting.one;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The settings of one application of several: those that tell it from the others, which neither flag nor variable could say, and which of the
 * other tables it may have of its own.
 */
public final class ApplicationDeclarations {
    /** A table for each application; no setting of its own. */
    static final String TABLES = "applications";

    static final Setting<String> INCLUDE = list(
            Section.TOP,
            "include",
            "include",
            Kind.text("GLOB", "a file, or a pattern for files of one folder such as applications/*.toml", "[^\\s].*"),
            "",
            "Files of one application each; may be given several times.");
    static final Setting<Boolean> WATCH = one(
            Section.TOP,
            "watch",
            "watch-applications",
            Kind.onOff(),
            "false",
            "Whether the included files are watched: one that appears, changes or goes is a reload of its application.");
    static final Setting<String> NAME = one(
                    Section.TOP,
                    "name",
                    "application-name",
                    Kind.text("NAME", "small letters, digits and hyphens, a letter first", "[a-z][a-z0-9-]{0,31}"),
                    "",
                    "What the application is called in commands, figures and logs.")
            .computed("the file's name without its ending");
    static final Setting<Route> ROUTES = list(
                    Section.TOP,
                    "routes",
                    "routes",
                    new Kind<>(Route.class, Kind.Toml.STRING, Route.FORM, "ROUTE", (text, base) -> Route.read(text)),
                    "",
                    "Which requests are its: hosts, or paths below them.")
            .computed("all that no other application has");
    static final Setting<Boolean> STRIP = one(
            Section.TOP,
            "strip",
            "strip",
            Kind.onOff(),
            "true",
            "Whether a route's path becomes SCRIPT_NAME (root_path) instead of being part of the path.");

    /** What is known of a client or a request before it is known whose it is. */
    private static final Set<Setting<?>> BEFORE = Set.of(
            Declarations.TARGET_MOST,
            Declarations.FIELD_MOST,
            Declarations.HEAD_MOST,
            Declarations.FIELDS_MOST,
            Declarations.HEAD_TIMEOUT,
            Declarations.KEEP_ALIVE_IDLE,
            Declarations.ABORT_ON_HALF_CLOSE,
            Declarations.TRUSTED_PROXIES,
            LimitDeclarations.STRICT_TARGETS,
            LimitDeclarations.CHUNK_OVERHEAD,
            LimitDeclarations.KEEP_ALIVE_REQUESTS,
            LimitDeclarations.CONNECTIONS,
            LimitDeclarations.PER_ADDRESS,
            LimitDeclarations.STREAMS,
            LimitDeclarations.MEMORY,
            Forwarding.TRUSTED_FIELDS,
            Forwarding.FORWARDED_FIELDS,
            Forwarding.REQUEST_IDS,
            Forwarding.VIA);

    private static final Set<Section> SECTIONS = Set.of(
            Section.APPLICATION, Section.SERVER, Section.WORKERS, Section.DISPATCH, Section.HTTP, Section.LIMITS);

    private ApplicationDeclarations() {}

    /** Those that stand above the tables of an application. */
    public static List<Setting<?>> above() {
        return List.of(
                NAME,
                ROUTES,
                STRIP,
                Declarations.ATTACH,
                FileDeclarations.STATIC,
                FileDeclarations.SENDFILE,
                FileDeclarations.INTERNAL);
    }

    /** Those of one of its tables; none where it has no such table. */
    static List<Setting<?>> of(Section section) {
        List<Setting<?>> own = new ArrayList<>();
        if (SECTIONS.contains(section)) {
            Declarations.all().stream()
                    .filter(setting -> setting.section() == section && !BEFORE.contains(setting))
                    .forEach(own::add);
        }
        return own;
    }

    /** Why a key or a table that there is can not stand in an application; empty: there is none of that name. */
    static Optional<String> whyNot(Section section, String key) {
        if (section != Section.TOP && !SECTIONS.contains(section)) {
            return Optional.of("is for all applications, expected at the top of the settings file");
        }
        return Declarations.all().stream()
                .filter(setting -> setting.section() == section && setting.key().equals(key))
                .findFirst()
                .map(setting ->
                        "counts before it is known which application a request is for, expected at the top of the"
                                + " settings file");
    }
}
