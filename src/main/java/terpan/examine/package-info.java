/** What a person can find out without serving: the servers there are, what one really does, whether machine and settings fit. */
@NullMarked
package terpan.examine;

import org.jspecify.annotations.NullMarked;
