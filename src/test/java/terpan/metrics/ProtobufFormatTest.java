package terpan.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is written, read by the rules of the encoding. That Prometheus reads it is tested with it itself. */
final class ProtobufFormatTest {
    private final Metrics metrics = new Metrics(2);

    /** A field: a number, the bits of a double, or bytes. */
    private record Field(int number, long value, ByteBuffer bytes) {
        String text() {
            return UTF_8.decode(bytes.duplicate()).toString();
        }
    }

    private static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = from.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static long signed(long zigzag) {
        return zigzag >>> 1 ^ -(zigzag & 1);
    }

    private static ByteBuffer piece(ByteBuffer from) {
        int length = (int) varint(from);
        ByteBuffer piece = from.slice(from.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        from.position(from.position() + length);
        return piece;
    }

    private static List<Field> fields(ByteBuffer message) {
        ByteBuffer from = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        List<Field> fields = new ArrayList<>();
        while (from.hasRemaining()) {
            long tag = varint(from);
            int number = (int) (tag >> 3);
            fields.add(
                    switch ((int) tag & 7) {
                        case 0 -> new Field(number, varint(from), ByteBuffer.allocate(0));
                        case 1 -> new Field(number, from.getLong(), ByteBuffer.allocate(0));
                        case 2 -> new Field(number, 0, piece(from));
                        default -> throw new AssertionError("type " + (tag & 7));
                    });
        }
        return fields;
    }

    private static List<Field> all(int number, ByteBuffer message) {
        return fields(message).stream()
                .filter(field -> field.number() == number)
                .toList();
    }

    private static Field one(int number, ByteBuffer message) {
        assertThat(all(number, message)).hasSize(1);
        return all(number, message).getFirst();
    }

    private List<ByteBuffer> written(MetricSnapshots snapshots) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ProtobufFormat.write(out, snapshots);
        ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray());
        List<ByteBuffer> families = new ArrayList<>();
        while (bytes.hasRemaining()) {
            families.add(piece(bytes));
        }
        return families;
    }

    private ByteBuffer histogram() throws IOException {
        Exposition.Figures figures = new Exposition.Figures("shop", metrics, Optional.empty());
        ByteBuffer family = written(MetricSnapshots.of(new Histograms(true).of(Metric.REQUEST_TIME, List.of(figures))))
                .getFirst();
        assertThat(one(1, family).text()).isEqualTo("terpan_request_seconds");
        assertThat(one(2, family).text()).isEqualTo(Metric.REQUEST_TIME.help());
        assertThat(one(3, family).value()).isEqualTo(4);
        ByteBuffer metric = one(4, family).bytes();
        assertThat(one(1, one(1, metric).bytes()).text()).isEqualTo("application");
        assertThat(one(2, one(1, metric).bytes()).text()).isEqualTo("shop");
        return one(7, metric).bytes();
    }

    private void took(int loop, long nanos) {
        metrics.loop(loop).requestSettled(200, nanos, -1, -1, -1, null);
    }

    @Test
    void aHistogramHasRunsOfItsBucketsAndTheClassicOnes() throws IOException {
        took(0, 100);
        took(0, 1_000_000_000);
        took(1, 1_000_000_000);
        took(1, 1_050_000_000);
        took(0, 500_000_000);
        took(0, 500_000_000);
        took(0, 500_000_000);
        ByteBuffer histogram = histogram();
        assertThat(one(1, histogram).value()).isEqualTo(7);
        assertThat(Double.longBitsToDouble(one(2, histogram).value())).isEqualTo(4.5500001);
        assertThat(signed(one(5, histogram).value())).isEqualTo(3);
        assertThat(Double.longBitsToDouble(one(6, histogram).value())).isEqualTo(Math.scalb(1.0, -20));
        assertThat(one(7, histogram).value()).isEqualTo(1);
        assertThat(all(12, histogram))
                .extracting(span -> signed(one(1, span.bytes()).value()) + "+"
                        + one(2, span.bytes()).value())
                .as("half a second is -8; one second 0, a little more 1: seven buckets after that of half a second")
                .containsExactly("-8+1", "7+2");
        ByteBuffer deltas = one(13, histogram).bytes();
        assertThat(List.of(signed(varint(deltas)), signed(varint(deltas)), signed(varint(deltas))))
                .as("3 of half a second, 2 of one, 1 of more")
                .containsExactly(3L, -1L, -1L);
        assertThat(deltas.hasRemaining()).isFalse();
        List<Field> classic = all(3, histogram);
        assertThat(classic).hasSize(19);
        assertThat(one(1, classic.getFirst().bytes()).value()).isEqualTo(1);
        assertThat(one(1, classic.getLast().bytes()).value()).isEqualTo(7);
        assertThat(Double.longBitsToDouble(one(2, classic.getLast().bytes()).value()))
                .isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void oneWithoutDurationsIsANativeOneAllTheSame() throws IOException {
        ByteBuffer histogram = histogram();
        assertThat(one(1, histogram).value()).isZero();
        assertThat(Double.longBitsToDouble(one(6, histogram).value())).isPositive();
        assertThat(all(12, histogram)).isEmpty();
        assertThat(all(13, histogram)).isEmpty();
    }

    @Test
    void countersAndGaugesHaveTheirNamesLabelsAndValues() throws IOException {
        List<ByteBuffer> families = written(MetricSnapshots.of(
                new Family(Metric.REQUESTS).add(1_234_567, "200").snapshot(),
                new Family(Metric.QUEUE_LENGTH).add(0.5).snapshot()));
        assertThat(families)
                .extracting(family -> one(1, family).text())
                .containsExactlyInAnyOrder("terpan_requests_total", "terpan_queue_length");
        for (ByteBuffer family : families) {
            boolean counts = one(1, family).text().equals("terpan_requests_total");
            assertThat(one(3, family).value()).isEqualTo(counts ? 0 : 1);
            ByteBuffer metric = one(4, family).bytes();
            double value = Double.longBitsToDouble(
                    one(1, one(counts ? 3 : 2, metric).bytes()).value());
            assertThat(value).isEqualTo(counts ? 1_234_567 : 0.5);
            assertThat(all(1, metric)).hasSize(counts ? 1 : 0);
        }
    }
}
