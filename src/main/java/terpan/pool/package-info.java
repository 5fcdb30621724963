/** The workers of an application, those that we start and those that someone else runs, as slots of its dispatcher with a link behind each. */
@NullMarked
package terpan.pool;

import org.jspecify.annotations.NullMarked;
