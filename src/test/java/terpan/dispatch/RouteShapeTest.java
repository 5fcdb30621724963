package terpan.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RouteShapeTest {
    private static String text(String target) {
        byte[] bytes = target.getBytes(ISO_8859_1);
        return RouteShape.text("GET", bytes, 0, bytes.length);
    }

    private static int hash(String target) {
        byte[] bytes = target.getBytes(ISO_8859_1);
        return RouteShape.hash(1, bytes, 0, bytes.length);
    }

    @Test
    void keysAreLeftOut() {
        assertThat(text("/report/4711/lines?x=1")).isEqualTo("GET /report/{}/lines");
        assertThat(text("/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301")).isEqualTo("GET /u/{}");
        assertThat(text("/blob/d41d8cd98f00b204e9800998ecf8427e/raw")).isEqualTo("GET /blob/{}/raw");
        assertThat(text("/v2/users")).isEqualTo("GET /v2/users");
        assertThat(text("/")).isEqualTo("GET /");
        assertThat(text("*")).isEqualTo("GET *");
    }

    @Test
    void whatHasTheSameShapeHasTheSameHash() {
        assertThat(hash("/report/1")).isEqualTo(hash("/report/22?a=b")).isNotEqualTo(hash("/report/x"));
    }

    @Test
    void whatIsNotPrintableIsNotShown() {
        assertThat(text("/a\u0007\u00e9")).isEqualTo("GET /a??");
        assertThat(text("/" + "a".repeat(300))).hasSize(123).endsWith("...");
    }
}
