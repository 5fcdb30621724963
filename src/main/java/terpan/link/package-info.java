/** The worker side: connections to worker sockets, per event loop. */
@NullMarked
package terpan.link;

import org.jspecify.annotations.NullMarked;
