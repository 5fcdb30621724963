package terpan.http2;

/** Takes the field lines of one head while they are unpacked. */
interface FieldTaker {
    /** An array with room for so many bytes from {@link #end} on. */
    byte[] reserve(int count);

    /** Where the next line is to be written. */
    int end();

    /**
     * A line lies from {@link #end} on: name, colon, space, value, CRLF. Taken or left there to be written over.
     *
     * @param kind what is known of it, see {@link FieldKind}
     */
    void take(int nameLength, int valueLength, int kind);

    /** Whether lines are still of interest; when not, they need not be written. */
    boolean wants();
}
