package terpan.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class JsonWriterTest {
    @Test
    void valuesNestWithCommasBetween() {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        json.name("a")
                .value(1)
                .name("b")
                .beginArray()
                .value("x")
                .value(0.25)
                .nothing()
                .endArray();
        json.name("c").beginObject().endObject().name("d").value(OptionalLong.empty());
        assertThat(json.endObject().text()).isEqualTo("{\"a\":1,\"b\":[\"x\",0.250000,null],\"c\":{},\"d\":null}");
    }

    @Test
    void whatIsNoPlainCharacterIsEscaped() {
        assertThat(new JsonWriter()
                        .value("\"\\/\n\u0000\u007f\u00e9\u2028\u202e\ud800 \ud83d\ude00")
                        .text())
                .isEqualTo("\"\\\"\\\\/\\u000a\\u0000\\u007f\u00e9\\u2028\\u202e\\ud800 \ud83d\ude00\"");
    }

    @Test
    void aWrongOrderFails() {
        assertThatThrownBy(() -> new JsonWriter().name("a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new JsonWriter().beginObject().value(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new JsonWriter().beginObject().endArray()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new JsonWriter().beginObject().text()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new JsonWriter().value(1).value(2)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new JsonWriter().value(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
