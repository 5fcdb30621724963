package terpan.metrics;

/** Durations that a scraper gets as a histogram: in the buckets of the text formats and in those of a native one. One writer, any readers. */
final class TimeHistogram {
    final TimeBuckets classic = new TimeBuckets();
    final ExponentialBuckets exponential = new ExponentialBuckets();

    /** Counts one duration, nanoseconds; a negative one counts as zero. */
    void record(long nanos) {
        classic.record(nanos);
        exponential.record(nanos);
    }
}
