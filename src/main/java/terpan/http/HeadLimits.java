package terpan.http;

/**
 * What a request's head may have, whatever version brings it.
 *
 * @param targetMost most bytes of the request target, else 414
 * @param fieldMost most bytes of a field line without its end, else 431
 * @param headMost most bytes of the head with the empty line at its end, else 431
 * @param fieldsMost most field lines, else 431; more than {@link Head#FIELDS_MOST} is not possible
 * @param strictTargets whether bytes beyond ASCII in path and query are refused; otherwise they are what their escapes are, as
 *     browsers write them (URL Standard, section 1.3)
 */
public record HeadLimits(int targetMost, int fieldMost, int headMost, int fieldsMost, boolean strictTargets) {
    public HeadLimits {
        fieldsMost = Math.min(fieldsMost, Head.FIELDS_MOST);
    }

    /** The class bits of the bytes that a target may have. */
    int targetBytes() {
        return strictTargets ? Ascii.TARGET : Ascii.TARGET | Ascii.RAW;
    }
}
