package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class FieldsTest {
    @Test
    void valuesComeBackAsTheyWere() {
        Map<String, String> given =
                Map.of("a", "", "b", "x=y", "c", "two\nlines\n", "d", "100%0A %25", "e", "ä \u20ac");
        assertThat(Fields.decode(Fields.encode(given))).isEqualTo(given);
    }

    @Test
    void eachFieldIsOneLine() {
        assertThat(Fields.encode(Map.of("a", "1\n2%"))).isEqualTo("a=1%0A2%25");
    }

    @Test
    void whatIsNoPidIsNone() {
        assertThat(Fields.pid(Map.of("pid", "4711"), "pid")).isEqualTo(4711);
        for (String text : new String[] {"", "0", "-1", "+5", "1x", "007", "9999999999999999999999"}) {
            assertThat(Fields.pid(Map.of("pid", text), "pid")).as(text).isZero();
        }
        assertThat(Fields.pid(Map.of(), "pid")).isZero();
    }
}
