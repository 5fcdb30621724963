package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads one line of the Forwarded field (RFC 7239, section 4) into its elements, first to last. */
public final class ForwardedLine {
    /**
     * What one proxy says; empty where it says nothing.
     *
     * @param node the client's node as sent, without quotes
     * @param proto the scheme
     */
    public record Element(String node, String proto) {}

    private final byte[] bytes;
    private final int end;
    private int at;

    private ForwardedLine(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    /** The elements; none when any byte of the line breaks the grammar, for then nothing in it can be told apart. */
    public static Optional<List<Element>> parse(byte[] bytes, int from, int to) {
        return new ForwardedLine(bytes, from, to).elements();
    }

    private Optional<List<Element>> elements() {
        List<Element> elements = new ArrayList<>();
        while (true) {
            spaces();
            if (at == end) {
                return Optional.of(elements);
            }
            if (bytes[at] == ',') {
                at++;
                continue;
            }
            Optional<Element> element = element();
            if (element.isEmpty()) {
                return Optional.empty();
            }
            elements.add(element.get());
            spaces();
            if (at < end && bytes[at++] != ',') {
                return Optional.empty();
            }
        }
    }

    private Optional<Element> element() {
        String node = "";
        String proto = "";
        while (true) {
            String name = token().toLowerCase(Locale.ROOT);
            if (!name.isEmpty()) {
                if (at == end || bytes[at++] != '=') {
                    return Optional.empty();
                }
                String value = at < end && bytes[at] == '"' ? quoted() : token();
                boolean again = (name.equals("for") && !node.isEmpty()) || (name.equals("proto") && !proto.isEmpty());
                if (value.isEmpty() || again) {
                    return Optional.empty();
                }
                node = name.equals("for") ? value : node;
                proto = name.equals("proto") ? value : proto;
            }
            if (at == end || bytes[at] != ';') {
                return Optional.of(new Element(node, proto));
            }
            at++;
        }
    }

    private void spaces() {
        while (at < end && Ascii.isSpace(bytes[at])) {
            at++;
        }
    }

    private String token() {
        int from = at;
        while (at < end && Ascii.isToken(bytes[at])) {
            at++;
        }
        return new String(bytes, from, at - from, ISO_8859_1);
    }

    /** Empty for a string without an end. */
    private String quoted() {
        StringBuilder text = new StringBuilder();
        for (at++; at < end && bytes[at] != '"'; at++) {
            if (bytes[at] == '\\' && ++at == end) {
                return "";
            }
            text.append((char) (bytes[at] & 0xff));
        }
        return at++ < end ? text.toString() : "";
    }
}
