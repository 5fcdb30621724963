package terpan.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonNodeTest {
    @Test
    void whatTheWriterWritesIsReadAgain() {
        String odd = "a\"b\\c\u001b\n\u202e\ud83d\ude80";
        JsonWriter json = new JsonWriter().beginObject();
        json.name("text").value(odd);
        json.name("number").value(1_795_367_199_500L);
        json.name("list").beginArray().value(0.25).value(true).nothing().endArray();
        JsonNode node = JsonNode.read(json.endObject().text());
        assertThat(node.text("text")).isEqualTo(odd);
        assertThat(node.whole("number")).isEqualTo(1_795_367_199_500L);
        assertThat(node.get("list").each()).extracting(JsonNode::text).containsExactly("0.250000", "true", "");
    }

    @Test
    void whatIsNotThereIsEmpty() {
        JsonNode node = JsonNode.read(" {\"a\" : null, \"b\":{}, \"c\":[ ] , \"d\":-1.5e1} ");
        assertThat(node.has("a")).isFalse();
        assertThat(node.has("b")).isTrue();
        assertThat(node.get("z").get("z").each()).isEmpty();
        assertThat(node.number("z")).isZero();
        assertThat(node.number("d")).isEqualTo(-15);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[1",
                "[1 2]",
                "{\"a\"}",
                "{\"a\":1,}",
                "\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\uzzzz\"",
                "nul",
                "1.",
                "[] []",
                "{a:1}",
                "-"
            })
    void whatIsNoJsonIsRefused(String text) {
        assertThatThrownBy(() -> JsonNode.read(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothingIsNestedSoDeepThatReadingItHasNoEnd() {
        assertThatThrownBy(() -> JsonNode.read("[".repeat(1_000_000))).isInstanceOf(IllegalArgumentException.class);
    }
}
