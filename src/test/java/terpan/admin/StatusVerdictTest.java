package terpan.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import terpan.picture.Activity;
import terpan.picture.Connections;
import terpan.picture.Front;
import terpan.picture.OpenRequest;
import terpan.picture.Picture;
import terpan.picture.Verdict;

/** What the first line of a status says; of two workers one is down, the other one has as much as it can work on, and three requests wait. */
final class StatusVerdictTest {
    private static Picture at(Duration age) {
        OpenRequest one = new OpenRequest(
                "1",
                "",
                "shop",
                "GET /report/{}",
                "/report/4711",
                "192.0.2.7",
                OpenRequest.WORKING,
                "w1",
                FakeOperations.NOW.minus(age),
                FakeOperations.NOW.minus(age));
        Activity activity = new Activity(
                List.of(one),
                0,
                true,
                Connections.NONE,
                Activity.Rates.NONE,
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Front.NONE,
                List.of());
        return new FakeOperations().status().with(activity);
    }

    @Test
    void whoHoldsAWorkerForLongIsNamed() {
        Verdict verdict = Verdict.of(at(Duration.ofSeconds(15)));
        assertThat(verdict.level()).isEqualTo(Verdict.BAD);
        assertThat(verdict.sentence())
                .isEqualTo(
                        "1 of 1 workers are busy; longer than 10 s: GET /report/{} holds 1; 3 of 1024 places in the queue are taken");
    }

    @Test
    void whoIsAtWorkWhileOthersWaitIsNamed() {
        Verdict verdict = Verdict.of(at(Duration.ofSeconds(1)));
        assertThat(verdict.level()).isEqualTo(Verdict.WARN);
        assertThat(verdict.sentence())
                .isEqualTo(
                        "the worker is busy, and requests wait; at work: GET /report/{} (1); 3 of 1024 places in the queue are taken");
    }

    @Test
    void itIsTheSecondLineOfTheTable() {
        assertThat(StatusText.write(at(Duration.ofSeconds(15))).lines().skip(1).findFirst())
                .hasValueSatisfying(line -> assertThat(line).startsWith("wrong       1 of 1 workers are busy"));
    }
}
