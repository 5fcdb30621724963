package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What heads say, as text that tables can be compared with. */
public final class HeadText {
    private static final String[] NUMBERS = new String[64];

    static {
        for (java.lang.reflect.Field constant : Field.class.getFields()) {
            if (constant.getType() == byte.class && Modifier.isStatic(constant.getModifiers())) {
                try {
                    NUMBERS[constant.getByte(null)] = constant.getName();
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    private static final String[] METHODS = {
        "OTHER", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"
    };

    private HeadText() {}

    public static Map<String, String> of(RequestHead head) {
        Map<String, String> text = new LinkedHashMap<>();
        text.put("method", METHODS[head.method]);
        text.put("methodBytes", cut(head, head.methodStart, head.methodEnd));
        text.put("target", cut(head, head.targetStart, head.targetEnd));
        text.put("version", "" + head.version);
        text.put("path", cut(head, head.pathStart, head.pathEnd));
        text.put("missing", "" + head.pathMissing);
        text.put("escaped", "" + head.pathEscaped);
        text.put("raw", "" + head.targetRaw);
        text.put("query", head.queryStart < 0 ? "-" : cut(head, head.queryStart, head.queryEnd));
        text.put("absolute", "" + head.absolute);
        text.put("https", "" + head.absoluteHttps);
        text.put("host", head.hostStart < 0 ? "-" : cut(head, head.hostStart, head.hostEnd));
        text.put("length", "" + head.contentLength);
        text.put("keep", "" + head.keepAlive);
        text.put("expect", "" + head.expectContinue);
        fields(head, text);
        return text;
    }

    static Map<String, String> of(ResponseHead head) {
        Map<String, String> text = new LinkedHashMap<>();
        text.put("status", "" + head.status);
        text.put("reason", cut(head, head.reasonStart, head.reasonEnd));
        text.put("version", "" + head.version);
        text.put("length", "" + head.contentLength);
        text.put("chunked", "" + head.chunked);
        text.put("keep", "" + head.keepAlive);
        fields(head, text);
        return text;
    }

    private static void fields(Head head, Map<String, String> text) {
        text.put("head", (head.end - head.start) + " bytes, " + head.fieldCount + " fields");
        for (int i = 0; i < head.fieldCount; i++) {
            String name = cut(head, head.nameStart[i], head.nameEnd[i]);
            text.merge(name, cut(head, head.valueStart[i], head.valueEnd[i]), (a, b) -> a + " & " + b);
            text.put("number of " + name, NUMBERS[head.field[i]]);
            text.put("hop-by-hop " + name, "" + Field.hopByHop(head.field[i]));
        }
    }

    /** Empty when {@code name=value} holds, else what is wrong. */
    public static String wrong(Map<String, String> text, String wanted) {
        String[] parts = wanted.split("=", 2);
        boolean holds = switch (parts[0]) {
            case "dropped" -> "true".equals(text.get("hop-by-hop " + parts[1]));
            case "kept" -> "false".equals(text.get("hop-by-hop " + parts[1]));
            case "field" -> {
                String[] pair = parts[1].split(":", 2);
                yield pair[1].equals(text.get("number of " + pair[0]));
            }
            default -> parts[0].isEmpty() || !parts[0].matches("[!-~]+") ? false : parts[1].equals(text.get(parts[0]));
        };
        return holds ? "" : wanted + " does not hold in " + text;
    }

    static byte[] moved(byte[] bytes, int delta) {
        byte[] elsewhere = new byte[bytes.length + delta];
        Arrays.fill(elsewhere, (byte) '!');
        System.arraycopy(bytes, 0, elsewhere, delta, bytes.length);
        return elsewhere;
    }

    private static String cut(Head head, int from, int to) {
        return new String(head.bytes, from, to - from, ISO_8859_1);
    }
}
