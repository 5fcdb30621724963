/** Workers that someone else runs: where they are, whether they are reached, and when one is left out for a while. */
@NullMarked
package terpan.attached;

import org.jspecify.annotations.NullMarked;
