package terpan.config;

import static terpan.config.Section.TOP;
import static terpan.config.Setting.list;

import java.nio.file.Path;

/** The part of {@link Declarations} that says which files are answers. */
final class FileDeclarations {
    static final Setting<StaticFiles> STATIC = list(
            TOP,
            "static",
            "static",
            new Kind<>(StaticFiles.class, Kind.Toml.TABLE, StaticFiles.FORM, "FILES", StaticFiles::read),
            "",
            "Files that are answered without a worker; may be given several times.");
    static final Setting<Path> SENDFILE = list(
            TOP,
            "sendfile",
            "sendfile",
            Kind.path(),
            "",
            "A directory whose files the application may name in X-Sendfile; may be given several times.");
    static final Setting<StaticFiles> INTERNAL = list(
            TOP,
            "internal",
            "internal",
            new Kind<>(
                    StaticFiles.class, Kind.Toml.TABLE, StaticFiles.FORM_INTERNAL, "FILES", StaticFiles::readInternal),
            "",
            "A path below which the application may name files in X-Accel-Redirect, and their directory; may be given several times.");

    private FileDeclarations() {}
}
