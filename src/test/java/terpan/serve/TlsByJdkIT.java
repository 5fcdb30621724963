package terpan.serve;

/** All of it with the JDK's engine. */
final class TlsByJdkIT extends TlsIT {
    @Override
    String engine() {
        return "jdk";
    }
}
