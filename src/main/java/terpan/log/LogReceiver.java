package terpan.log;

import java.io.IOException;

/** Takes lines of a log one at a time, as messages of a protocol. Belongs to the log's writer thread. */
interface LogReceiver {
    /**
     * Sends one line, or an event of several, without a line feed at its end; whole or not at all, and then it is sent again.
     *
     * @throws IOException it was not taken
     */
    void send(byte[] bytes, int from, int to, int severity, long millis, byte[] fields) throws IOException;

    void close() throws IOException;
}
