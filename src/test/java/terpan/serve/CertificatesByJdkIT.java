package terpan.serve;

/** All of it with the JDK's engine. */
final class CertificatesByJdkIT extends CertificatesIT {
    @Override
    String engine() {
        return "jdk";
    }
}
