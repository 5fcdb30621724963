package terpan.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.Test;
import terpan.http.RequestCases.Case;

/** Netty's decoder, with its own defaults, reads the same cases; where it differs is listed and explained. */
class NettyDifferenceTest {
    @Test
    void whereNettyDiffersIsListedAndExplained() throws Exception {
        Differences differences = new Differences("differences-netty.txt");
        for (Case example : RequestCases.all()) {
            differences.tell(example, theirs(example));
        }
        differences.check();
    }

    private static String theirs(Case example) {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpRequestDecoder());
        channel.writeInbound(Unpooled.wrappedBuffer(example.bytes().getBytes(ISO_8859_1)));
        String outcome = Differences.WAITS;
        boolean first = true;
        for (HttpObject part = channel.readInbound(); part != null; part = channel.readInbound()) {
            if (first && part.decoderResult().isFailure()) {
                outcome = Differences.REFUSED;
                first = false;
            } else if (first && part instanceof LastHttpContent) {
                outcome = Differences.READ;
                first = false;
            } else if (!first && part instanceof HttpRequest) {
                first = false;
            }
            ReferenceCountUtil.release(part);
        }
        channel.finishAndReleaseAll();
        return outcome;
    }
}
