package terpan.config;

import static terpan.config.Section.OPERATORS;
import static terpan.config.Setting.list;
import static terpan.config.Setting.one;

import java.nio.file.Path;

/** The part of {@link Declarations} for operators who come over TCP: the dashboard's listener. */
final class OperatorDeclarations {
    private static final String PORT =
            "([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

    static final Setting<String> BIND = one(
            OPERATORS,
            "bind",
            "operators-bind",
            Kind.text(
                    "ADDRESS",
                    "an address of this machine alone with a port, such as 127.0.0.1:9000, [::1]:9000 or localhost:9000,"
                            + " for it speaks no TLS: from elsewhere come by ssh -L",
                    "(127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|localhost|\\[::1]):" + PORT),
            "",
            "Where the dashboard and what operators may do is offered over TCP, too, to those who have a token; without it on the Unix socket alone.");
    static final Setting<String> TOKEN = token(
            "token",
            "The token of operators, who may see and do everything.",
            "that of token-file, else one that is made at the first start and kept in the run directory");
    static final Setting<Path> TOKEN_FILE = tokenFile("token-file");
    static final Setting<String> READER_TOKEN = token(
            "reader-token",
            "The token of those who may see everything and do nothing.",
            "that of reader-token-file, else one that is made like token");
    static final Setting<Path> READER_TOKEN_FILE = tokenFile("reader-token-file");
    static final Setting<String> HOSTS = list(
            OPERATORS,
            "hosts",
            "operators-host",
            Kind.text("HOST", "a name or an address without a port", "[A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]"),
            "",
            "Further hosts that a browser may have in its address bar there; may be given several times."
                    + " Localhost and the addresses of this machine alone always may.");

    private OperatorDeclarations() {}

    private static Setting<String> token(String key, String description, String otherwise) {
        return one(
                        OPERATORS,
                        key,
                        "operators-" + key,
                        Kind.text("TOKEN", "16 to 256 characters of ASCII without spaces", "[!-~]{16,256}"),
                        "",
                        description)
                .computed(otherwise);
    }

    private static Setting<Path> tokenFile(String key) {
        return one(
                OPERATORS,
                key,
                "operators-" + key,
                Kind.path(),
                "",
                "A file with that token, which only the user who runs Terpan may read.");
    }
}
