/** Which worker gets which request and who waits: plain Java without I/O, clock or randomness of its own. */
@NullMarked
package terpan.dispatch;

import org.jspecify.annotations.NullMarked;
