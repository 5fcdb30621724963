/** HTTP/2 on the client side: connections of many streams, each an exchange with its body and its answer. */
@NullMarked
package terpan.edge.http2;

import org.jspecify.annotations.NullMarked;
