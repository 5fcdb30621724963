package terpan.architecture;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The directions in which packages may use each other, as docs/architecture.md draws them, and what each may touch. */
final class PackageRulesTest {
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("cli", Set.of("daemon", "config", "admin", "examine", "json", "picture", "terminal")),
            Map.entry("terminal", Set.of("admin", "json")),
            Map.entry(
                    "daemon",
                    Set.of(
                            "acme",
                            "admin",
                            "attached",
                            "certificate",
                            "config",
                            "dispatch",
                            "coding",
                            "edge",
                            "examine",
                            "http",
                            "link",
                            "log",
                            "loop",
                            "metrics",
                            "picture",
                            "pool",
                            "sampler",
                            "server",
                            "spool",
                            "handover",
                            "tls",
                            "trace",
                            "worker")),
            Map.entry("examine", Set.of("acme", "certificate", "worker", "server", "config", "tls")),
            Map.entry("acme", Set.of("certificate", "config")),
            Map.entry("admin", Set.of("metrics", "http", "config", "json", "picture")),
            Map.entry(
                    "edge",
                    Set.of(
                            "coding",
                            "loop",
                            "dispatch",
                            "link",
                            "http",
                            "http2",
                            "metrics",
                            "config",
                            "spool",
                            "log",
                            "json",
                            "picture",
                            "tls",
                            "trace")),
            Map.entry("link", Set.of("loop", "http", "metrics", "config")),
            Map.entry("dispatch", Set.of("config", "metrics")),
            Map.entry("pool", Set.of("attached", "config", "dispatch", "link", "loop", "metrics", "server", "worker")),
            Map.entry("worker", Set.of("server", "config", "handover")),
            Map.entry("attached", Set.of("link", "config")),
            Map.entry("server", Set.of("config")),
            Map.entry("handover", Set.of()),
            Map.entry("spool", Set.of("config")),
            Map.entry("log", Set.of("handover", "http", "config", "json")),
            Map.entry("config", Set.of("certificate")),
            Map.entry("certificate", Set.of()),
            Map.entry("coding", Set.of("http", "config", "scratch")),
            Map.entry("scratch", Set.of()),
            Map.entry("tls", Set.of("certificate", "loop", "metrics", "scratch")),
            Map.entry("http2", Set.of("http")),
            Map.entry("http", Set.of()),
            Map.entry("trace", Set.of("config", "json", "metrics")),
            Map.entry("json", Set.of()),
            Map.entry("loop", Set.of()),
            Map.entry("metrics", Set.of("picture")),
            Map.entry("picture", Set.of()),
            Map.entry("sampler", Set.of("attached", "dispatch", "metrics", "picture", "pool", "spool", "worker")));

    /**
     * The parts of the client side and of the worker side, and which of the same side each may use. Whoever speaks a version of HTTP uses the
     * exchange, not the reverse; so does what speaks the native link with what all links have in common.
     */
    private static final Map<String, Set<String>> PARTS = Map.of(
            "edge", Set.of("edge.files", "edge.limits", "edge.origin", "edge.pages"),
            "edge.http1", Set.of("edge", "edge.files", "edge.limits", "edge.origin", "edge.tunnel"),
            "edge.http2", Set.of("edge", "edge.limits", "edge.origin", "edge.tunnel"),
            "edge.files", Set.of(),
            "edge.tunnel", Set.of("edge"),
            "edge.limits", Set.of("edge.origin"),
            "edge.origin", Set.of(),
            "edge.pages", Set.of(),
            "link", Set.of(),
            "link.nativelink", Set.of("link"));

    /** Packages through which every request goes: nothing there may block. */
    private static final String[] REQUEST_PATH = {
        "terpan.edge..",
        "terpan.link..",
        "terpan.dispatch..",
        "terpan.http..",
        "terpan.http2..",
        "terpan.loop..",
        "terpan.tls..",
        "terpan.metrics.."
    };

    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
            .importPackages("terpan");

    private static final JavaClasses PROGRAM = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("terpan");

    @Test
    void everyPackageHasItsPlaceInTheTable() {
        Set<String> found = PROGRAM.stream()
                .map(JavaClass::getPackageName)
                .map(name -> name.substring("terpan.".length()))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> known = new TreeSet<>(MAY_USE.keySet());
        known.addAll(PARTS.keySet());
        assertThat(known)
                .as("a new package needs a row here and in docs/architecture.md")
                .containsAll(found);
    }

    @Test
    void packagesUseOnlyWhatTheTableAllows() {
        MAY_USE.forEach((name, allowed) -> {
            String[] forbidden = MAY_USE.keySet().stream()
                    .filter(other -> !other.equals(name) && !allowed.contains(other))
                    .map(other -> "terpan." + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("terpan." + name + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(forbidden)
                    .allowEmptyShould(true)
                    .check(PROGRAM);
        });
    }

    @Test
    void thePartsOfASideUseOnlyWhatTheirTableAllows() {
        PARTS.forEach((name, allowed) -> {
            String[] forbidden = PARTS.keySet().stream()
                    .filter(other -> side(other).equals(side(name)))
                    .filter(other -> !other.equals(name) && !allowed.contains(other))
                    .map(other -> "terpan." + other)
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("terpan." + name)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(forbidden)
                    .check(PROGRAM);
        });
    }

    /** The package that a part belongs to. */
    private static String side(String part) {
        return part.split("\\.", 2)[0];
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("terpan.(*)..").should().beFreeOfCycles().check(PROGRAM);
        slices().matching("terpan.(**)").should().beFreeOfCycles().check(PROGRAM);
    }

    /** The pool that all share has one thread where there are two processors: who waits there for a process holds up all others. */
    @Test
    void nothingWaitsInThePoolThatAllShare() {
        ArchRule rule = noClasses()
                .should()
                .callMethod(CompletableFuture.class, "supplyAsync", Supplier.class)
                .orShould()
                .callMethod(CompletableFuture.class, "runAsync", Runnable.class);
        rule.check(PROGRAM);
        rule.check(TESTS);
    }

    @Test
    void onlyTheCommandLineKnowsPicocli() {
        noClasses()
                .that()
                .resideOutsideOfPackage("terpan.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(PROGRAM);
    }

    /** Whose handles nothing in C protects. */
    @Test
    void onlyTheOwnersOfItsHandlesCallBoringSsl() {
        noClasses()
                .that()
                .haveNameNotMatching("terpan\\.tls\\.(BoringSsl|Native[A-Za-z]+|TicketKeys)(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(PROGRAM);
    }

    @Test
    void onlyOnePackageKnowsHowAnAuthorityIsAsked() {
        noClasses()
                .that()
                .resideOutsideOfPackage("terpan.acme..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.shredzone..")
                .check(PROGRAM);
    }

    @Test
    void onlyAuthoritiesAndACollectorOfTracesAreAskedOverHttp() {
        noClasses()
                .that()
                .resideOutsideOfPackage("terpan.acme..")
                .and()
                .haveNameNotMatching("terpan\\.trace\\.Collector(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.net.http..")
                .check(PROGRAM);
    }

    @Test
    void onlyTheLoopUsesSelectors() {
        noClasses()
                .that()
                .resideOutsideOfPackage("terpan.loop..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.channels.Selector")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.channels.SelectionKey")
                .check(PROGRAM);
    }

    @Test
    void theRequestPathReachesSocketsOnlyThroughTheLoop() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "terpan.edge..",
                        "terpan.link..",
                        "terpan.dispatch..",
                        "terpan.http..",
                        "terpan.http2..",
                        "terpan.tls..",
                        "terpan.metrics..",
                        "terpan.config..",
                        "terpan.server..")
                .and()
                .doNotHaveSimpleName("ChosenKeys") // whose interface names sockets
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.nio\\.channels\\.(Server)?SocketChannel|java\\.net\\.(Server)?Socket")
                .check(PROGRAM);
    }

    @Test
    void onlyTheWorkerPackageStartsProcessesButForSttyOfATerminal() {
        noClasses()
                .that()
                .resideOutsideOfPackage("terpan.worker..")
                .and()
                .doNotHaveFullyQualifiedName("terpan.terminal.Stty")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.lang\\.(Process|ProcessBuilder)(\\$.*)?")
                .orShould()
                .callMethod(ProcessHandle.class, "destroy")
                .orShould()
                .callMethod(ProcessHandle.class, "destroyForcibly")
                .check(PROGRAM);
    }

    @Test
    void systemCallsByHandAndTheJdksOwnClassesAreForHandingOverAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("terpan.handover..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.lang\\.reflect\\.(Constructor|Method|Field)")
                .check(PROGRAM);
    }

    @Test
    void onlyTheCommandLineWritesToTheStandardStreams() {
        noClasses()
                .that()
                .resideOutsideOfPackages("terpan.cli..", "terpan.log..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(PROGRAM);
    }

    @Test
    void nothingOnTheRequestPathSleeps() {
        noClasses()
                .that()
                .resideInAnyPackage(REQUEST_PATH)
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", java.time.Duration.class)
                .check(PROGRAM);
    }

    @Test
    void theDispatcherHasNoClockRandomnessOrInputOfItsOwn() {
        noClasses()
                .that()
                .resideInAPackage("terpan.dispatch..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.(util\\.Random|util\\.concurrent\\.ThreadLocalRandom|time\\.(Clock|Instant))")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.io..", "java.nio..", "java.net..")
                .check(PROGRAM);
    }

    @Test
    void whatReadersOfTheDispatcherWantSortedIsSortedOutsideItsLock() {
        noClasses()
                .that()
                .resideInAPackage("terpan.dispatch..")
                .and()
                .doNotHaveSimpleName("SlotCopy")
                .should()
                .callMethodWhere(target(nameMatching("sort(ed)?")))
                .check(PROGRAM);
    }

    @Test
    void httpIsPureFunctionsOverBytes() {
        noClasses()
                .that()
                .resideInAnyPackage("terpan.http..", "terpan.http2..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.nio.channels..", "java.nio.file..", "org.slf4j..")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(PROGRAM);
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveNameMatching(".*(Util|Utils|Helper|Helpers|Manager)(\\$.*)?")
                .orShould()
                .haveNameMatching(".*[.$](Abstract|Base)[A-Z][^.]*")
                .check(PROGRAM);
        classes()
                .should()
                .resideOutsideOfPackages("..util..", "..common..", "..impl..", "..model..")
                .check(PROGRAM);
    }
}
