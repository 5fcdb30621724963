/** The composition root: builds every object, starts and stops in order. */
@NullMarked
package terpan.daemon;

import org.jspecify.annotations.NullMarked;
