package terpan.config;

import static terpan.config.Section.HTTP;
import static terpan.config.Setting.list;
import static terpan.config.Setting.one;

/** The settings of what is passed on beside what was sent: a part of {@link Declarations}. */
final class Forwarding {
    static final Setting<Settings.Believed> TRUSTED_FIELDS = one(
            HTTP,
            "trusted-fields",
            "trusted-fields",
            Kind.oneOf(Settings.Believed.class, Settings.Believed.values()),
            "auto",
            "Which fields of a trusted proxy count; auto takes Forwarded where X-Forwarded-For is missing.");
    static final Setting<Settings.Told> FORWARDED_FIELDS = list(
                    HTTP,
                    "forwarded-fields",
                    "forwarded-field",
                    Kind.oneOf(Settings.Told.class, Settings.Told.values()),
                    "",
                    "A field that tells workers of every client; may be given several times.")
            .computed("x-forwarded-for, x-forwarded-proto and x-forwarded-host");
    static final Setting<Boolean> REQUEST_IDS = one(
            HTTP,
            "request-ids",
            "request-ids",
            Kind.onOff(),
            "false",
            "Whether worker and client are told each request's id in X-Request-Id.");
    static final Setting<String> VIA = one(
            HTTP,
            "via",
            "via",
            Kind.text("NAME", "a name of letters, digits, points and hyphens", "[A-Za-z0-9.-]{1,64}"),
            "",
            "The name that is added to Via both ways; not written unless set.");

    private Forwarding() {}
}
