package terpan.daemon;

/**
 * What {@code terpan serve} was asked beside the settings.
 *
 * @param install whether a virtual environment is made beside the application and its requirements are installed first
 */
public record ServeOptions(boolean install) {}
