/** Terpan at one moment, as an immutable value that everybody reads who looks at it. */
@NullMarked
package terpan.picture;

import org.jspecify.annotations.NullMarked;
