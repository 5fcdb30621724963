package terpan.certificate;

import java.security.KeyPair;
import java.util.HexFormat;
import java.util.List;

/** A request for a certificate (PKCS#10, RFC 2986). */
public final class SigningRequest {
    private static final byte[] VERSION = {Der.INTEGER, 1, 0};

    /** extensionRequest of PKCS#9 (RFC 2985, section 5.4.2). */
    private static final byte[] EXTENSIONS = HexFormat.of().parseHex("06092a864886f70d01090e");

    private static final int SET = 0x31;
    private static final int ATTRIBUTES = 0xa0;

    private SigningRequest() {}

    /** Asks for a certificate for this name of a host, in ASCII, with this key; in DER. */
    public static byte[] of(String name, KeyPair pair) {
        byte[] extensions = Der.element(Der.SEQUENCE, AlternativeNames.extension(List.of(name), List.of()));
        byte[] attribute = Der.element(Der.SEQUENCE, EXTENSIONS, Der.element(SET, extensions));
        byte[] noSubject = Der.element(Der.SEQUENCE);
        byte[] content = Der.element(
                Der.SEQUENCE, VERSION, noSubject, pair.getPublic().getEncoded(), Der.element(ATTRIBUTES, attribute));
        return KeyPairs.signed(content, pair.getPrivate());
    }
}
