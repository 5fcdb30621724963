/** One thread's turn: a selector, ready sockets, timers and tasks; the only user of the request path's channels. */
@NullMarked
package terpan.loop;

import org.jspecify.annotations.NullMarked;
