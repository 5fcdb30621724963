package terpan.config;

import static terpan.config.Setting.list;
import static terpan.config.Setting.one;

import java.util.List;

/** The settings of answers that are compressed. */
final class CompressionDeclarations {
    private static final long KIB = 1024;

    static final Setting<Settings.Coding> COMPRESS = list(
                    Section.HTTP,
                    "compress",
                    "compress",
                    Kind.oneOf(Settings.Coding.class, Settings.Coding.values()),
                    "",
                    "How answers are compressed for clients that take it, the first that a client likes best; may be given several times.")
            .computed("none: answers go as the application gives them");
    static final Setting<String> TYPES = list(
                    Section.HTTP,
                    "compress-types",
                    "compress-type",
                    Kind.text(
                            "TYPE",
                            "a media type such as text/css, or text/* for all of a kind",
                            "[a-z0-9!#$&^_.+-]+/([a-z0-9!#$&^_.+-]+|\\*)"),
                    "",
                    "Which media types are compressed; may be given several times.")
            .computed("text, JSON, XML, JavaScript, SVG, WebAssembly, and fonts that are not compressed yet");
    static final Setting<Long> LEAST = one(
            Section.HTTP,
            "compress-least",
            "compress-least",
            Kind.size(0, 1024 * KIB),
            "1KiB",
            "From which length on answers are compressed whose length is told.");
    static final Setting<Integer> GZIP_LEVEL = one(
            Section.HTTP,
            "gzip-level",
            "gzip-level",
            Kind.whole(1, 9),
            "5",
            "How much gzip tries, at the cost of processors.");
    static final Setting<Integer> BROTLI_LEVEL =
            one(Section.HTTP, "brotli-level", "brotli-level", Kind.whole(0, 9), "4", "The same of Brotli.");
    static final Setting<Integer> ZSTD_LEVEL =
            one(Section.HTTP, "zstd-level", "zstd-level", Kind.whole(1, 12), "1", "The same of Zstandard.");

    /** What {@link #TYPES} stands for where nothing is said: what gains, and is text or like it. */
    static final List<String> USUAL_TYPES = List.of(
            "text/*",
            "application/json",
            "application/ld+json",
            "application/manifest+json",
            "application/problem+json",
            "application/graphql-response+json",
            "application/geo+json",
            "application/vnd.api+json",
            "application/x-ndjson",
            "application/javascript",
            "application/x-javascript",
            "application/xml",
            "application/xhtml+xml",
            "application/rss+xml",
            "application/atom+xml",
            "application/wasm",
            "application/vnd.ms-fontobject",
            "font/ttf",
            "font/otf",
            "image/svg+xml",
            "image/bmp",
            "image/x-icon");

    private CompressionDeclarations() {}
}
