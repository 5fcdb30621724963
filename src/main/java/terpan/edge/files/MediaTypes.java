package terpan.edge.files;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Types by the ends of names: a table of our own, for what a machine's says differs. Text is UTF-8. No state. */
final class MediaTypes {
    private static final byte[] UNKNOWN = "application/octet-stream".getBytes(US_ASCII);
    private static final Map<String, byte[]> TYPES = new HashMap<>();

    static {
        text("text/html", "html", "htm");
        text("text/css", "css");
        text("text/javascript", "js", "mjs");
        text("text/plain", "txt", "text", "log", "conf", "ini");
        text("text/csv", "csv");
        text("text/markdown", "md");
        text("text/calendar", "ics");
        text("text/vcard", "vcf");
        text("text/vtt", "vtt");
        text("text/xml", "xml", "xsl");
        type("application/json", "json", "map");
        type("application/ld+json", "jsonld");
        type("application/geo+json", "geojson");
        type("application/manifest+json", "webmanifest");
        type("application/xhtml+xml", "xhtml");
        type("application/atom+xml", "atom");
        type("application/rss+xml", "rss");
        type("application/wasm", "wasm");
        type("application/pdf", "pdf");
        type("application/rtf", "rtf");
        type("application/zip", "zip");
        type("application/gzip", "gz", "tgz");
        type("application/zstd", "zst");
        type("application/x-bzip2", "bz2");
        type("application/x-xz", "xz");
        type("application/x-tar", "tar");
        type("application/x-7z-compressed", "7z");
        type("application/java-archive", "jar");
        type("application/epub+zip", "epub");
        type("application/msword", "doc");
        type("application/vnd.ms-excel", "xls");
        type("application/vnd.ms-powerpoint", "ppt");
        type("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx");
        type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx");
        type("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx");
        type("application/vnd.oasis.opendocument.text", "odt");
        type("application/vnd.oasis.opendocument.spreadsheet", "ods");
        type("application/vnd.apple.mpegurl", "m3u8");
        type("application/vnd.android.package-archive", "apk");
        type("application/vnd.ms-fontobject", "eot");
        type("image/svg+xml", "svg");
        type("image/png", "png");
        type("image/apng", "apng");
        type("image/jpeg", "jpg", "jpeg");
        type("image/gif", "gif");
        type("image/webp", "webp");
        type("image/avif", "avif");
        type("image/heic", "heic");
        type("image/bmp", "bmp");
        type("image/tiff", "tif", "tiff");
        type("image/x-icon", "ico");
        type("font/woff", "woff");
        type("font/woff2", "woff2");
        type("font/ttf", "ttf");
        type("font/otf", "otf");
        type("font/collection", "ttc");
        type("audio/mpeg", "mp3");
        type("audio/mp4", "m4a");
        type("audio/aac", "aac");
        type("audio/ogg", "ogg", "oga", "opus");
        type("audio/wav", "wav");
        type("audio/flac", "flac");
        type("audio/midi", "mid", "midi");
        type("audio/webm", "weba");
        type("video/mp4", "mp4", "m4v");
        type("video/webm", "webm");
        type("video/ogg", "ogv");
        type("video/mpeg", "mpeg", "mpg");
        type("video/mp2t", "ts");
        type("video/quicktime", "mov");
        type("video/x-msvideo", "avi");
        type("video/x-matroska", "mkv");
        type("model/gltf-binary", "glb");
        type("model/gltf+json", "gltf");
    }

    private MediaTypes() {}

    private static void text(String type, String... endings) {
        type(type + "; charset=utf-8", endings);
    }

    private static void type(String type, String... endings) {
        byte[] bytes = type.getBytes(US_ASCII);
        for (String ending : endings) {
            TYPES.put(ending, bytes);
        }
    }

    /** The value of Content-Type for a name; not to be changed. */
    static byte[] of(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? UNKNOWN : TYPES.getOrDefault(name.substring(dot + 1).toLowerCase(Locale.ROOT), UNKNOWN);
    }
}
