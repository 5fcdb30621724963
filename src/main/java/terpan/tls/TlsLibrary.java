package terpan.tls;

/** Whose engine of TLS is used. */
public enum TlsLibrary {
    /** BoringSSL, by netty-tcnative: {@link BoringSsl}. */
    BORINGSSL("BoringSSL"),
    /** The JDK's own, which is there on every machine. */
    JDK("JDK");

    private final String label;

    TlsLibrary(String label) {
        this.label = label;
    }

    /** What a person knows it by. */
    @Override
    public String toString() {
        return label;
    }
}
