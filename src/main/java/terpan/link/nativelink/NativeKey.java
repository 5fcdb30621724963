package terpan.link.nativelink;

/**
 * A key of the environ: its ready marshal bytes, and what the link remembers of it for the batch and the request that are being
 * written. Belongs to the link's thread.
 */
final class NativeKey {
    /** The field's name in lower case; empty for a key that no field has. */
    final byte[] name;

    /** The key as a marshal str. */
    final byte[] marshal;

    final int hash;

    /** The next key in the same bucket. */
    @org.jspecify.annotations.Nullable
    NativeKey next;

    /** The batch in which {@link #reference} holds. */
    long batch;

    int reference;

    /** The batch in which the value's place and reference hold. */
    long valueBatch;

    int valueReference;
    int valueStart;
    int valueLength;

    /** The request in which {@link #lastField} holds: a second field of that name is then a repeat. */
    long request;

    int lastField;

    NativeKey(byte[] name, int hash, byte[] marshal) {
        this.name = name;
        this.hash = hash;
        this.marshal = marshal;
    }
}
