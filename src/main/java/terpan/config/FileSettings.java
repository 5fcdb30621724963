package terpan.config;

import java.nio.file.Path;
import java.util.List;

/**
 * Files that are answers.
 *
 * @param statics those that clients ask for
 * @param sendfile directories whose files the application may name in X-Sendfile
 * @param internal paths below which it may name files in X-Accel-Redirect
 */
public record FileSettings(List<StaticFiles> statics, List<Path> sendfile, List<StaticFiles> internal) {
    /** None. */
    public static final FileSettings NONE = new FileSettings(List.of(), List.of(), List.of());
}
