package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class RouteTableTest {
    private final RouteTable routes = new RouteTable();

    @Test
    void keysInThePathMakeNoRouteOfTheirOwn() {
        assertThat(number("/users/17/posts")).isEqualTo(number("/users/4711/posts"));
        assertThat(number("/files/0b6e3c9ad2f84e51")).isEqualTo(number("/files/9f6e3c9ad2f84e52aa"));
    }

    @Test
    void theQueryIsNoPartOfTheRoute() {
        assertThat(number("/search?q=a"))
                .isEqualTo(number("/search?q=b&page=2"))
                .isEqualTo(number("/search"));
    }

    @Test
    void methodAndPathTellRoutesApart() {
        assertThat(number("/users")).isNotEqualTo(number("/posts")).isNotEqualTo(number("/users/1"));
        byte[] target = "/users".getBytes(StandardCharsets.US_ASCII);
        assertThat(RouteTable.number(3, target, 0, target.length)).isNotEqualTo(number("/users"));
    }

    @Test
    void everyTargetHasANumberInTheTable() {
        for (String target : new String[] {"/", "", "*", "?", "//", "http://a/", "/" + "a".repeat(9000), "/\u00e4"}) {
            assertThat(number(target)).isBetween(1, RouteTable.ROUTES - 1);
        }
    }

    @Test
    void aRouteOfWhichOneAnswerInTwentyIsSlowCountsAsSlow() {
        int slow = 0;
        for (int i = 1; i <= 2000; i++) {
            routes.learn(5, i % 20 == 0 ? 50_000_000 : 100_000);
            slow += routes.service(5) > 1_000_000 ? 1 : 0;
        }
        assertThat(slow).isGreaterThan(1900);
    }

    @Test
    void oneHiccupMakesNoRouteSlow() {
        for (int i = 0; i < 10; i++) {
            routes.learn(5, 20_000);
        }
        routes.learn(5, 3_000_000);
        assertThat(routes.service(5)).isLessThan(1_000_000);
    }

    @Test
    void aRouteThatHeldOthersUpIsForgivenAfterQuickAnswers() {
        routes.learnAtLeast(5, 2_000_000);
        assertThat(routes.service(5)).isEqualTo(2_000_000);
        for (int i = 0; i < 40; i++) {
            routes.learn(5, 20_000);
        }
        assertThat(routes.service(5)).isLessThan(1_000_000);
    }

    @Test
    void ofAnUnknownRouteNothingIsLearned() {
        routes.learn(RouteTable.UNKNOWN, 50_000_000);
        routes.learnAtLeast(RouteTable.UNKNOWN, 50_000_000);
        assertThat(routes.service(RouteTable.UNKNOWN)).isZero();
    }

    private static int number(String target) {
        byte[] bytes = target.getBytes(StandardCharsets.ISO_8859_1);
        return RouteTable.number(1, bytes, 0, bytes.length);
    }
}
