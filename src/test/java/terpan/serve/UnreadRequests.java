package terpan.serve;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Requests on connections of their own, whose answers nobody reads. */
final class UnreadRequests implements AutoCloseable {
    private final List<Connection> open = new ArrayList<>();

    void ask(RunningTerpan terpan, String target) throws IOException {
        Connection connection = terpan.connect();
        open.add(connection);
        connection.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    @Override
    public void close() throws IOException {
        for (Connection one : open) {
            one.close();
        }
    }
}
