package terpan.admin;

import java.net.InetSocketAddress;
import java.util.List;
import terpan.config.AddressText;

/**
 * The operators' side over TCP.
 *
 * @param address where it is
 * @param hosts what else may stand in Host
 */
public record Dashboard(InetSocketAddress address, Access access, List<String> hosts) {
    /** Its address with a link that works once, and how programs come in; for a person. */
    String invitation(Role role) {
        String place = place();
        return """
                Dashboard  http://%s/enter?code=%s
                           opens once, within %d minutes; from another machine first: ssh -L %d:%s THIS-MACHINE
                Token      %s
                           for programs: Authorization: Bearer TOKEN; %s
                """.formatted(
                        place,
                        access.link(role),
                        Access.LINK.toMinutes(),
                        address.getPort(),
                        place,
                        access.shown(role),
                        role == Role.OPERATOR ? "sees and does everything" : "sees everything and does nothing");
    }

    /** Host and port. */
    public String place() {
        return AddressText.of(address);
    }
}
