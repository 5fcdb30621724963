package terpan.daemon;

import java.util.function.Function;
import terpan.config.Loaded;

/**
 * What {@code terpan serve} was asked beside the settings.
 *
 * @param read the settings as they were read
 * @param again reads them anew, from the same places; true: each of several applications has its mistakes for itself
 * @param install whether a virtual environment is made beside the application and its requirements are installed first
 */
public record ServeOptions(Loaded.Ready read, Function<Boolean, Loaded> again, boolean install) {}
