package terpan.link.nativelink;

/** The worker sent something that is not the agreed form. Its message says what was expected; it carries no stack trace. */
final class MarshalException extends Exception {
    MarshalException(String message) {
        super(message, null, false, false);
    }
}
