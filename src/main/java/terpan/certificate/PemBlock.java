package terpan.certificate;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One block of a PEM file (RFC 7468; with the header lines of RFC 1421 that traditional keys have).
 *
 * @param label what stands behind BEGIN
 * @param headers lines of name and value before an empty line
 * @param base64 the rest, its lines joined
 */
record PemBlock(String label, Map<String, String> headers, String base64) {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    /** All blocks of a text; what stands around them is left out. */
    static List<PemBlock> in(String text) {
        List<PemBlock> blocks = new ArrayList<>();
        int begin = text.indexOf(BEGIN);
        while (begin >= 0) {
            int labelEnd = text.indexOf(DASHES, begin + BEGIN.length());
            if (labelEnd < 0) {
                break;
            }
            String label = text.substring(begin + BEGIN.length(), labelEnd);
            int bodyEnd = text.indexOf(END + label + DASHES, labelEnd);
            if (bodyEnd < 0) {
                break;
            }
            blocks.add(block(label, text.substring(labelEnd + DASHES.length(), bodyEnd)));
            begin = text.indexOf(BEGIN, bodyEnd);
        }
        return blocks;
    }

    private static PemBlock block(String label, String body) {
        Map<String, String> headers = new LinkedHashMap<>();
        StringBuilder base64 = new StringBuilder();
        for (String line : body.lines().map(String::strip).toList()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
            } else {
                base64.append(line);
            }
        }
        return new PemBlock(label, headers, base64.toString());
    }

    /** What the base64 stands for; empty where it is none. */
    byte[] bytes() {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException noBase64) {
            return new byte[0];
        }
    }
}
