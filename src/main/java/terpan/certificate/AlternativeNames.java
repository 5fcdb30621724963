package terpan.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The names that a certificate is for, or is asked for, as an extension (RFC 5280, section 4.2.1.6). */
final class AlternativeNames {
    private static final byte[] OBJECT = HexFormat.of().parseHex("0603551d11");
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;

    private AlternativeNames() {}

    /**
     * The extension.
     *
     * @param names of hosts, in ASCII
     * @param addresses as text
     */
    static byte[] extension(List<String> names, List<String> addresses) {
        List<byte[]> all = new ArrayList<>();
        names.forEach(name -> all.add(Der.element(DNS_NAME, name.getBytes(US_ASCII))));
        addresses.forEach(address ->
                all.add(Der.element(IP_ADDRESS, InetAddress.ofLiteral(address).getAddress())));
        byte[] content = Der.element(Der.SEQUENCE, all.toArray(byte[][]::new));
        return Der.element(Der.SEQUENCE, OBJECT, Der.element(Der.OCTETS, content));
    }
}
