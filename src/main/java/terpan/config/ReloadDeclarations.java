package terpan.config;

import static terpan.config.Section.APPLICATION;
import static terpan.config.Setting.list;
import static terpan.config.Setting.one;

import java.time.Duration;

/** The settings of {@link Declarations} that say how one generation of an application takes another's place. */
final class ReloadDeclarations {
    static final Setting<String> WARM = list(
            APPLICATION,
            "warm",
            "warm",
            Kind.text(
                    "PATH",
                    "a path such as /login, or a host with one such as shop.example.com/login",
                    "[A-Za-z0-9.:-]{0,255}/[!-~]*"),
            "",
            "What each new worker of a reload is asked for by GET before it takes requests, in this order; an answer of 500 or more ends the reload; may be given several times.");

    static final Setting<Integer> PROVE_SHARE = one(
            APPLICATION,
            "prove.share",
            "prove-share",
            Kind.percent(1, 50),
            "",
            "The share of requests by which the workers of a reload prove themselves before they take over: where more of them fail, or they are slower than the old workers in the same span, the reload is taken back.");
    static final Setting<Duration> PROVE_FOR = one(
            APPLICATION,
            "prove.for",
            "prove-for",
            Kind.time(Duration.ofSeconds(1), Duration.ofHours(1)),
            "10s",
            "For how long they do so; ten times as long where too few requests come.");
    static final Setting<Integer> PROVE_REQUESTS = one(
            APPLICATION,
            "prove.requests",
            "prove-requests",
            Kind.whole(1, 1_000_000),
            "200",
            "How many requests they have to have answered.");
    static final Setting<Duration> KEEP = one(
            APPLICATION,
            "keep",
            "keep",
            Kind.time(Duration.ZERO, Duration.ofDays(1)),
            "0s",
            "How long the workers before a reload stay, without requests, for a rollback that takes no time; 0s: they end when they have answered what they have.");
    static final Setting<Boolean> RELOAD = one(
                    APPLICATION,
                    "reload",
                    "reload",
                    Kind.onOff(),
                    "",
                    "Whether the application's Python files and templates are watched, and reloaded when one is saved.")
            .computed("on in development");
    static final Setting<String> WATCH = list(
            APPLICATION,
            "watch",
            "watch",
            Kind.text(
                    "GLOB",
                    "a pattern below the application's folder, such as data/*.json or **/*.yaml",
                    "[^/\\s][^\\s]*"),
            "",
            "Further files that are watched where files are; may be given several times.");

    private ReloadDeclarations() {}
}
