/** HTTP/2 (RFC 9113) and HPACK (RFC 7541) for a server, over plain bytes: no sockets, no clock, no threads. */
@NullMarked
package terpan.http2;

import org.jspecify.annotations.NullMarked;
