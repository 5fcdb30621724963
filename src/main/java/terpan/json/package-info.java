/** JSON as it is written: the text of strings, and values in their order. */
@NullMarked
package terpan.json;

import org.jspecify.annotations.NullMarked;
