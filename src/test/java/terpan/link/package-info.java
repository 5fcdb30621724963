/** Tests of the worker side, on pretend loops. */
@NullMarked
package terpan.link;

import org.jspecify.annotations.NullMarked;
