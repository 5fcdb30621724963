package terpan.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import terpan.picture.Activity;
import terpan.picture.Front;
import terpan.picture.Picture;

final class AdvisorTest {
    private static final long MIB = 1 << 20;
    private static final int PROCESSORS = 4;
    private static final long FIVE_SECONDS = 5_000_000_000L;

    private double processors = 0.5;
    private OptionalLong free = OptionalLong.of(6 * 50 * MIB);
    private final Advisor advisor = new Advisor(now -> processors, () -> free, PROCESSORS);

    /** In ten seconds. */
    private static Activity.Rates rates(double perSecond, double queueMost, double busy) {
        return new Activity.Rates(10, perSecond, 0.02, 0.2, queueMost, 0, busy);
    }

    private static Activity.Route route(String application, String name, double perSecond, double share) {
        return new Activity.Route(application, name, rates(perSecond, 0, 0), share);
    }

    private List<String> advice(Activity.Rates rates, Activity.Route... routes) {
        advisor.look(0, List.of());
        return advisor.advice(picture(4, 4, List.of()), rates, List.of(routes), Front.NONE);
    }

    private static Picture.Worker worker(String name, long pid, long bytes) {
        OptionalLong none = OptionalLong.empty();
        return new Picture.Worker(
                name,
                "builtin",
                OptionalLong.of(pid),
                "ready",
                "",
                Instant.EPOCH,
                1,
                0,
                none,
                none,
                none,
                none,
                none,
                OptionalDouble.empty(),
                OptionalLong.of(bytes),
                OptionalDouble.empty(),
                Optional.empty(),
                "");
    }

    private static Picture picture(int ready, int places, List<Picture.Application> applications) {
        Picture.Group group = new Picture.Group(
                "builtin",
                Optional.of("builtin"),
                "private",
                1,
                ready,
                ready,
                0,
                0,
                places,
                0,
                OptionalDouble.empty(),
                0,
                0,
                Optional.empty());
        return new Picture(
                "1",
                1,
                "serving",
                Instant.EPOCH,
                Duration.ofMinutes(5),
                List.of(),
                "builtin",
                Optional.of("shop"),
                1,
                Optional.empty(),
                0,
                100,
                0,
                0,
                new Picture.Spool(0, 0, 0),
                new Picture.Requests(0, 0, 0, 0, 0, 0),
                List.of(group),
                IntStream.rangeClosed(1, ready)
                        .mapToObj(number -> worker("w" + number, number, 50 * MIB))
                        .toList(),
                List.of(),
                0,
                100,
                new Picture.Buffers(0, 0),
                new Picture.Dropped(0, 0),
                Optional.empty(),
                List.of(),
                Picture.Issuance.NONE,
                applications,
                Activity.NONE);
    }

    @Test
    void workersThatAreBusyWhileRequestsWaitAreTooFew() {
        assertThat(advice(rates(100, 0.04, 3.84)))
                .containsExactly("the 4 workers are busy 96 % of the time, and requests wait up to 40.0 ms (99 of 100):"
                        + " workers = 5 would help, memory is there for 6 more");
    }

    @Test
    void busyWorkersThatNobodyWaitsForAreEnough() {
        assertThat(advice(rates(100, 0.002, 3.84))).isEmpty();
        assertThat(advice(rates(100, 0.04, 2))).isEmpty();
    }

    @Test
    void whatWouldNotHelpIsNotAdvised() {
        processors = 0.97;
        assertThat(advice(rates(100, 0.04, 3.84)))
                .singleElement()
                .asString()
                .endsWith("the processors are busy too (97 %), more workers would not help");
        processors = 0.5;
        free = OptionalLong.of(20 * MIB);
        assertThat(advice(rates(100, 0.04, 3.84)))
                .singleElement()
                .asString()
                .endsWith("another would help, but there is no memory for it");
    }

    @Test
    void aRouteThatTakesMostOfTheTimeIsNamed() {
        assertThat(advice(rates(50, 0, 3), route("", "GET /report/{}", 5, 0.71), route("", "GET /", 45, 0.29)))
                .containsExactly(
                        "GET /report/{} takes 71 % of the workers' time: 5.0 requests a second, half within 20.0 ms");
    }

    @Test
    void aRouteIsNotNamedWhereItIsTheOnlyOneOrTheWorkersHaveTime() {
        assertThat(advice(rates(50, 0, 3), route("", "GET /", 45, 1))).isEmpty();
        assertThat(advice(rates(50, 0, 1), route("", "GET /report/{}", 5, 0.71), route("", "GET /", 45, 0.29)))
                .isEmpty();
        assertThat(advice(rates(50, 0, 3), route("", "GET /report/{}", 0.5, 0.71), route("", "GET /", 45, 0.29)))
                .as("five requests are a chance")
                .isEmpty();
    }

    @Test
    void ofSeveralApplicationsEachIsJudgedByItself() {
        Picture busy = picture(1, 2, List.of()).with(Activity.of(rates(10, 0.5, 2)));
        Picture idle = picture(4, 4, List.of()).with(Activity.of(rates(10, 0, 0.1)));
        Picture all = picture(
                5,
                6,
                List.of(
                        new Picture.Application("shop", List.of(), busy),
                        new Picture.Application("blog", List.of(), idle)));
        advisor.look(0, List.of());
        assertThat(advisor.advice(
                        all,
                        rates(20, 0.5, 2.1),
                        List.of(
                                route("shop", "GET /a", 9, 0.6),
                                route("blog", "GET /c", 5, 0.3),
                                route("shop", "GET /b", 9, 0.1)),
                        Front.NONE))
                .containsExactly(
                        "shop: the 2 places of the worker are busy 100 % of the time, and requests wait up to 500 ms (99 of 100):"
                                + " workers = 2 would help, memory is there for 6 more",
                        "shop: GET /a takes 86 % of the workers' time: 9.0 requests a second, half within 20.0 ms");
    }

    private List<String> afterLooks(int looks, long from, long each) {
        for (int i = 0; i < looks; i++) {
            advisor.look(i * FIVE_SECONDS, List.of(worker("w1", 7, from + i * each)));
        }
        return advisor.advice(
                picture(1, 1, List.of()),
                Activity.Rates.NONE,
                List.of(route("", "POST /upload", 5, 0.9), route("", "GET /", 5, 0.1)),
                Front.NONE);
    }

    @Test
    void memoryThatGoesOnGrowingIsTold() {
        assertThat(afterLooks(MemoryTrend.FIRST + MemoryTrend.LOOKS, 40 * MIB, MIB))
                .containsExactly(
                        "the memory of w1 grows by 12.0 MiB a minute, to 55 MiB now; most of the workers' time goes to POST /upload");
    }

    @Test
    void memoryIsNotToldOfBeforeAMinuteOrWhereItGrowsBySlowDegrees() {
        assertThat(afterLooks(MemoryTrend.FIRST + MemoryTrend.LOOKS - 1, 40 * MIB, MIB))
                .isEmpty();
        assertThat(new AdvisorTest().afterLooks(MemoryTrend.FIRST + MemoryTrend.LOOKS, 40 * MIB, MIB / 20))
                .isEmpty();
    }

    @Test
    void memoryThatGrewOnceIsNotGrowing() {
        List<String> said = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            advisor.look(i * FIVE_SECONDS, List.of(worker("w1", 7, (i < 12 ? 40 : 90) * MIB)));
            said.addAll(advisor.advice(picture(1, 1, List.of()), Activity.Rates.NONE, List.of(), Front.NONE));
        }
        assertThat(said).isEmpty();
    }

    @Test
    void anEventLoopAtItsEndIsTold() {
        Front one = new Front(0, 0, 0, 0, 0, 0, List.of(new Front.Loop(0, 0, 0, 0.83, 0.9, 0)));
        assertThat(advisor.advice(picture(1, 1, List.of()), Activity.Rates.NONE, List.of(), one))
                .containsExactly("the front's event loop 0 is 83 % busy: loops = 2");
        Front four = new Front(
                0,
                0,
                0,
                0,
                0,
                0,
                IntStream.range(0, PROCESSORS)
                        .mapToObj(index -> new Front.Loop(index, 0, 0, index == 2 ? 0.9 : 0.5, 0.9, 0))
                        .toList());
        assertThat(advisor.advice(picture(1, 1, List.of()), Activity.Rates.NONE, List.of(), four))
                .containsExactly(
                        "the front's event loop 2 is 90 % busy: there is no processor for another, the machine is at its end");
        Front starved = new Front(0, 0, 0, 0, 0, 0, List.of(new Front.Loop(0, 0, 0, 0.52, 0.97, 0)));
        assertThat(advisor.advice(picture(1, 1, List.of()), Activity.Rates.NONE, List.of(), starved))
                .containsExactly(
                        "the front's event loop 0 has work all the time, and a processor for 52 % of it: there are too few processors");
        Front quiet = new Front(0, 0, 0, 0, 0, 0, List.of(new Front.Loop(0, 0, 0, 0.5, 0.6, 0)));
        assertThat(advisor.advice(picture(1, 1, List.of()), Activity.Rates.NONE, List.of(), quiet))
                .isEmpty();
    }
}
