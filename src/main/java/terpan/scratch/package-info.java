/** Folders for what has to be a file for a moment. */
@NullMarked
package terpan.scratch;

import org.jspecify.annotations.NullMarked;
