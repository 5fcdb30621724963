package terpan.acme;

import terpan.certificate.ServerCertificate;

/** What an authority sees that looks whether a name is ours. Called by the thread that orders; takes effect before it returns. */
public interface Proofs {
    /** A request for this token is answered so (RFC 8555, section 8.3). */
    void byHttp(String token, String answer);

    /** A handshake for this name is shown this certificate (RFC 8737, section 3). */
    void byTls(String name, ServerCertificate certificate);

    /** Nobody is to look any more. */
    void over();
}
