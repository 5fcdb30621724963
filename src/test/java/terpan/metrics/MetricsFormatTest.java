package terpan.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MetricsFormatTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            "" | TEXT
            */* | TEXT
            text/plain | TEXT
            text/html, application/json | TEXT
            application/openmetrics-text | OPEN_METRICS
            application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1 | OPEN_METRICS
            application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5 | PROTOBUF
            application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; q=0.3, text/plain;q=0.5 | TEXT
            application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text, application/openmetrics-text;q=0.1 | OPEN_METRICS
            application/vnd.google.protobuf;proto=another;encoding=delimited | TEXT
            application/openmetrics-text;q=0 | TEXT
            application/openmetrics-text;q=nonsense, text/plain;q=0.2 | TEXT
            """)
    void theRangeWithTheMostWeightThatIsKnownCounts(String accept, MetricsFormat format) {
        assertThat(MetricsFormat.wanted(accept)).isEqualTo(format);
    }
}
