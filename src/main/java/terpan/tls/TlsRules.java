package terpan.tls;

import java.util.List;

/**
 * Which versions and suites are spoken.
 *
 * @param versions as the JDK names them
 * @param suites as IANA names them
 */
public record TlsRules(List<String> versions, List<String> suites) {}
