/** Bytes that the other side does not take at once: memory first, then unlinked temporary files, read and written off the loop. */
@NullMarked
package terpan.spool;

import org.jspecify.annotations.NullMarked;
