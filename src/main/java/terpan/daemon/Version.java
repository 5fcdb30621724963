package terpan.daemon;

/** Terpan's version, as the build wrote it into the jar. */
public final class Version {
    /** Such as {@code 0.1.0}; {@code development} when not run from the jar. */
    public static final String TEXT = read();

    private Version() {}

    private static String read() {
        String written = Version.class.getPackage().getImplementationVersion();
        return written == null ? "development" : written;
    }
}
