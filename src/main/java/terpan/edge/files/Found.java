package terpan.edge.files;

/** What there is where a file was looked for. */
public sealed interface Found permits StaticFile, Found.Missing, Found.Directory, Found.Failed, Found.Busy {
    /** No file that may be answered. */
    enum Missing implements Found {
        MISSING
    }

    /** A directory, whose path ends with a slash where it has an index. */
    enum Directory implements Found {
        DIRECTORY
    }

    /**
     * There may be one, but it can not be read.
     *
     * @param why for the log
     * @param denied whether it is there, and may not be read
     */
    record Failed(String why, boolean denied) implements Found {}

    /**
     * There is one, but too many others are being sent.
     *
     * @param most descriptors that files may have
     */
    record Busy(int most) implements Found {}
}
