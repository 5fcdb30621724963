/** The answers that Terpan makes itself: pages for its own errors. */
@NullMarked
package terpan.edge.pages;

import org.jspecify.annotations.NullMarked;
