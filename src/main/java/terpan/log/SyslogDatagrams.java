package terpan.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/** Syslog over UDP (RFC 5426): a message a datagram. A name is looked up anew after every failure. Belongs to the log's writer thread. */
final class SyslogDatagrams implements SyslogReceiver.Transport {
    private final String host;
    private final int port;
    private @Nullable DatagramChannel channel;

    SyslogDatagrams(String host, int port) {
        this.host = host;
        this.port = port;
    }

    @Override
    public void send(byte[] message) throws IOException {
        try {
            if (channel == null) {
                channel = DatagramChannel.open();
                channel.connect(SyslogStream.address(host, port));
            }
            channel.write(ByteBuffer.wrap(message));
        } catch (IOException failed) {
            close();
            throw failed;
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
