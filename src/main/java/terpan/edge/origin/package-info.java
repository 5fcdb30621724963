/** Who a client is and what its request is called: trusted proxies, the PROXY protocol, forwarded fields, request ids. */
@NullMarked
package terpan.edge.origin;

import org.jspecify.annotations.NullMarked;
