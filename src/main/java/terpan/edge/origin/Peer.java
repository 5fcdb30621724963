package terpan.edge.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.InetAddress;
import terpan.http.Refusal;
import terpan.http.RequestHead;
import terpan.link.Origin;

/**
 * The other end of one client connection: the client itself, or a proxy that is believed about the clients behind it. Belongs to
 * the loop's thread.
 */
public final class Peer {
    private final Origins origins;
    private final Origin origin;
    private final boolean believed;
    private final boolean eachRequest;

    /**
     * @param origin the peer itself
     * @param eachRequest whether requests may tell of different clients, or need fields of their own
     */
    Peer(Origins origins, Origin origin, boolean believed, boolean eachRequest) {
        this.origins = origins;
        this.origin = origin;
        this.believed = believed;
        this.eachRequest = eachRequest;
    }

    /** The peer itself. */
    public Origin origin() {
        return origin;
    }

    /** Whether its word about others counts. */
    public boolean believed() {
        return believed;
    }

    /** Whether it is on this machine or in a private network. */
    public boolean isNear() {
        InetAddress address = Network.literal(text(origin.address));
        return address == null
                || address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()
                || isUniqueLocal(address);
    }

    /** RFC 4193, section 3.1. */
    private static boolean isUniqueLocal(InetAddress address) {
        byte[] raw = address.getAddress();
        return raw.length > Integer.BYTES && (raw[0] & 0xfe) == 0xfc;
    }

    /** Its address as {@code trusted-proxies} would name it. */
    public String name() {
        return origin.address.length == 0 ? "unix" : text(origin.address);
    }

    /** The client of a request; drops the fields from the head that the origin's take the place of. */
    public Origin client(RequestHead head, RequestId id) {
        return eachRequest ? new PassedFields(origins, origin, believed, head).read(id) : origin;
    }

    /** A parser's result for a head, or a refusal: a target of https belongs elsewhere unless the client does speak TLS. */
    public int judge(int result, RequestHead head) {
        if (result < 0 || !head.absoluteHttps) {
            return result;
        }
        boolean secure = believed ? new PassedFields(origins, origin, true, head).secure() : origin.secure();
        return secure ? result : Refusal.MISDIRECTED.result();
    }

    /** What an {@link Origin} has in bytes, as text. */
    public static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }
}
