/** HTTP/1 on the client side: connections, their input and output, framing. */
@NullMarked
package terpan.edge.http1;

import org.jspecify.annotations.NullMarked;
