/** Bytes that pass both ways between a client and a worker that has switched protocols, whatever carries them. */
@NullMarked
package terpan.edge.tunnel;

import org.jspecify.annotations.NullMarked;
