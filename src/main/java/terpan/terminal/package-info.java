/** What is shown in a terminal and goes on by itself: top, a status that is watched, the log as it is written. */
@NullMarked
package terpan.terminal;

import org.jspecify.annotations.NullMarked;
