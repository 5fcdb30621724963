/** Rules that the whole repository keeps: package directions, sizes, names, documents. */
@NullMarked
package terpan.architecture;

import org.jspecify.annotations.NullMarked;
