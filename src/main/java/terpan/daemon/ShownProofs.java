package terpan.daemon;

import java.util.Map;
import terpan.acme.Proofs;
import terpan.certificate.ServerCertificate;
import terpan.edge.Challenges;
import terpan.tls.ServerTls;

/** What authorities see that look whether names are ours: at listeners without TLS and with it. */
record ShownProofs(Challenges challenges, ServerTls server) implements Proofs {
    @Override
    public void byHttp(String token, String answer) {
        challenges.put(token, answer);
    }

    @Override
    public void byTls(String name, ServerCertificate certificate) {
        server.challenges(Map.of(name, certificate));
    }

    @Override
    public void over() {
        challenges.forget();
        server.challenges(Map.of());
    }
}
