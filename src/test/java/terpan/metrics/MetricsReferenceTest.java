package terpan.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import terpan.dispatch.Admission;
import terpan.http.Refusal;
import terpan.link.Failure;

final class MetricsReferenceTest {
    private static final Path PAGE = Path.of("docs/metrics.md");

    /** With -Dterpan.golden.write=true the page is written anew. */
    @Test
    void theReferencePageSaysWhatIsDeclared() throws Exception {
        if (Boolean.getBoolean("terpan.golden.write")) {
            Files.writeString(PAGE, MetricsReference.markdown());
        }
        assertThat(Files.readString(PAGE)).isEqualTo(MetricsReference.markdown());
    }

    @Test
    void theLabelsOfRejectionsFollowTheDispatchersReasons() {
        assertThat(Metrics.REJECTIONS)
                .containsExactlyElementsOf(Arrays.stream(Admission.Rejected.values())
                        .map(MetricsReferenceTest::kebab)
                        .toList());
    }

    @Test
    void theLabelsOfFailuresFollowTheLinksFailures() {
        assertThat(Metrics.FAILURES)
                .containsExactlyElementsOf(Arrays.stream(Failure.values())
                        .map(MetricsReferenceTest::kebab)
                        .toList());
    }

    @Test
    void everyStatusThatAParserRefusesWithHasItsReason() {
        for (Refusal refusal : Refusal.values()) {
            if (refusal.status() < 500 || refusal == Refusal.VERSION_UNSUPPORTED) {
                assertThat(ClientRefusal.ofStatus(refusal.status()).status())
                        .as(refusal.name())
                        .isEqualTo(refusal.status());
            }
        }
    }

    private static String kebab(Enum<?> constant) {
        return constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
