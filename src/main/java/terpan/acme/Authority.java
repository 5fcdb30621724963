package terpan.acme;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** Who issues certificates, as one that orders sees it. Used by one thread at a time. */
interface Authority extends AutoCloseable {
    /** What was issued: a key that was made for it, and its certificate with those that it was issued by. */
    record Issued(PrivateKey key, List<X509Certificate> chain) {}

    /**
     * Orders a certificate for one name and waits for it.
     *
     * @throws Refusal there is none, for now
     */
    Issued issue(String name) throws Refusal, InterruptedException;

    /** Whoever waits for it waits no longer. Never waits. */
    @Override
    void close();
}
