package terpan.edge.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import terpan.config.AddressText;
import terpan.config.Settings;
import terpan.http.Field;
import terpan.http.ForwardedLine;
import terpan.http.HostRules;
import terpan.http.RequestHead;
import terpan.link.ForwardedFields;
import terpan.link.Origin;

/**
 * What one request says of its client and its way here, where that is looked at: behind a believed proxy, and where requests
 * have ids or Via is set. Walks back over proxies that are believed; the first that is not, or is no address, ends the walk.
 */
final class PassedFields {
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._:/+=@~-]{1,100}");
    private static final Pattern PREFIX = Pattern.compile("/[\\x21-\\x7e]*");
    private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");

    private final Origins origins;
    private final Origin peer;
    private final boolean believed;
    private final RequestHead head;
    private final List<String> forwardedFor = new ArrayList<>();
    private final List<String> forwarded = new ArrayList<>();
    private final List<String> via = new ArrayList<>();
    private String proto = "";
    private String host = "";
    private String port = "";
    private String prefix = "";
    private String requestId = "";
    private boolean realIp;
    private String client;
    private String scheme;

    PassedFields(Origins origins, Origin peer, boolean believed, RequestHead head) {
        this.origins = origins;
        this.peer = peer;
        this.believed = believed;
        this.head = head;
        this.client = Peer.text(peer.address);
        this.scheme = Peer.text(peer.scheme);
        for (int i = 0; i < head.fieldCount; i++) {
            take(i, Peer.text(java.util.Arrays.copyOfRange(head.bytes, head.valueStart[i], head.valueEnd[i])));
        }
        if (believed) {
            walk();
        }
    }

    private void take(int i, String value) {
        switch (head.field[i]) {
            case Field.X_FORWARDED -> takeForwarded(i, value);
            case Field.FORWARDED -> forwarded.add(value);
            case Field.VIA -> via.add(value);
            case Field.X_REQUEST_ID -> requestId = once(requestId, value);
            default -> {}
        }
    }

    private void takeForwarded(int i, String value) {
        String name = new String(head.bytes, head.nameStart[i], head.nameEnd[i] - head.nameStart[i], ISO_8859_1);
        switch (name.toLowerCase(Locale.ROOT)) {
            case "x-forwarded-for" -> forwardedFor.add(value);
            case "x-forwarded-proto" -> proto = once(proto, value.toLowerCase(Locale.ROOT));
            case "x-forwarded-host" -> host = once(host, value);
            case "x-forwarded-port" -> port = once(port, value);
            case "x-forwarded-prefix" -> prefix = once(prefix, value);
            case "x-real-ip" -> realIp = true;
            default -> {
                if (believed) {
                    head.field[i] = Field.OTHER;
                }
            }
        }
    }

    /** Of two different values neither is believed: none of the patterns has a space. */
    private static String once(String before, String value) {
        return before.isEmpty() || before.equals(value) ? value : before + " " + value;
    }

    /** Whether Forwarded is what counts. */
    private boolean standard() {
        Settings.Believed which = origins.rules.believed();
        return which == Settings.Believed.FORWARDED
                || (which == Settings.Believed.AUTO && forwardedFor.isEmpty() && !forwarded.isEmpty());
    }

    private void walk() {
        if (standard()) {
            walkStandard();
            return;
        }
        if (proto.equals("http") || proto.equals("https")) {
            scheme = proto;
        }
        for (int line = forwardedFor.size() - 1; line >= 0; line--) {
            String[] entries = forwardedFor.get(line).split(",", -1);
            for (int i = entries.length - 1; i >= 0; i--) {
                if (!goesOn(entries[i].strip())) {
                    return;
                }
            }
        }
    }

    private void walkStandard() {
        for (int line = forwarded.size() - 1; line >= 0; line--) {
            byte[] bytes = forwarded.get(line).getBytes(ISO_8859_1);
            Optional<List<ForwardedLine.Element>> elements = ForwardedLine.parse(bytes, 0, bytes.length);
            if (elements.isEmpty()) {
                return;
            }
            for (ForwardedLine.Element element : elements.get().reversed()) {
                String named = element.proto().toLowerCase(Locale.ROOT);
                if (named.equals("http") || named.equals("https")) {
                    scheme = named;
                }
                if (!goesOn(element.node())) {
                    return;
                }
            }
        }
    }

    /** Takes one step back; false when what lies behind is not to be believed. */
    private boolean goesOn(String node) {
        InetAddress address = Network.node(node);
        if (address == null) {
            return false;
        }
        client = AddressText.of(address);
        return origins.trusts(address);
    }

    boolean secure() {
        return scheme.equals("https");
    }

    /** The client, with all the fields that tell of it; the request's id is known from here on. */
    Origin read(RequestId id) {
        ForwardedFields fields = believed ? extended() : copied();
        origins.rules.via().ifPresent(name -> {
            via.add((head.version == 10 ? "1.0 " : head.version == 20 ? "2.0 " : "1.1 ") + name);
            fields.add(ForwardedFields.VIA, String.join(", ", via));
            drop(Field.VIA);
        });
        if (believed && REQUEST_ID.matcher(requestId).matches()) {
            id.given(requestId);
        }
        if (origins.rules.requestIds()) {
            fields.add(ForwardedFields.REQUEST_ID, id.text());
            drop(Field.X_REQUEST_ID);
        }
        String own = Peer.text(peer.address);
        String clientPort = client.equals(own) ? Peer.text(peer.port) : "";
        return new Origin(client, clientPort, scheme, Peer.text(peer.serverName), Peer.text(peer.serverPort), fields);
    }

    private void drop(byte field) {
        for (int i = 0; i < head.fieldCount; i++) {
            if (head.field[i] == field) {
                head.field[i] = Field.DROPPED;
            }
        }
    }

    private ForwardedFields copied() {
        return peer.forwarded.copy();
    }

    private ForwardedFields extended() {
        ForwardedFields fields = new ForwardedFields();
        boolean standard = standard();
        String own = Peer.text(peer.address);
        if (origins.tells(Settings.Told.X_FORWARDED_FOR) || !forwardedFor.isEmpty()) {
            boolean keeps = !standard && !forwardedFor.isEmpty();
            String before = keeps ? String.join(", ", forwardedFor) : client.equals(own) ? "" : client;
            fields.add(ForwardedFields.FOR, joined(before, own));
        }
        fields.add(
                ForwardedFields.PROTO,
                origins.tells(Settings.Told.X_FORWARDED_PROTO) || !proto.isEmpty() ? scheme : "");
        fields.add(ForwardedFields.PORT, port());
        fields.add(ForwardedFields.PREFIX, PREFIX.matcher(prefix).matches() ? prefix : "");
        fields.add(ForwardedFields.REAL_IP, origins.tells(Settings.Told.X_REAL_IP) || realIp ? client : "");
        if (!host.isEmpty() && HostRules.valid(host.getBytes(ISO_8859_1), 0, host.length())) {
            fields.add(ForwardedFields.HOST, host);
        } else if (origins.tells(Settings.Told.X_FORWARDED_HOST)) {
            fields.ownHost();
        }
        if (origins.tells(Settings.Told.FORWARDED) || (standard && !forwarded.isEmpty())) {
            boolean keeps = standard && !forwarded.isEmpty();
            String element = Origins.element(keeps ? own : client, keeps ? Peer.text(peer.scheme) : scheme);
            fields.add(ForwardedFields.FORWARDED, joined(keeps ? String.join(", ", forwarded) : "", element));
            fields.hostInForwarded();
        }
        return fields;
    }

    private static String joined(String before, String last) {
        return before.isEmpty() || last.isEmpty() ? before + last : before + ", " + last;
    }

    private String port() {
        if (PORT.matcher(port).matches()) {
            return port;
        }
        return origins.tells(Settings.Told.X_FORWARDED_PORT) && proto.isEmpty() ? Peer.text(peer.serverPort) : "";
    }
}
