/** The client side: listeners, client connections, exchanges. */
@NullMarked
package terpan.edge;

import org.jspecify.annotations.NullMarked;
