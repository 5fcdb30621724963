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
}
