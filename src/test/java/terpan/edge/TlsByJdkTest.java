package terpan.edge;

import terpan.tls.TlsLibrary;

/** All of it with the JDK's engine. */
final class TlsByJdkTest extends TlsTest {
    @Override
    TlsLibrary library() {
        return TlsLibrary.JDK;
    }
}
