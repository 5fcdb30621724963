/**
 * The worker side: connections to worker sockets, per event loop. {@code LinkTable} says which worker is behind a slot, {@code LoopLinks}
 * has one loop's links to them; {@code HttpLink} is a link that speaks HTTP, with {@code HttpConnection}, {@code HttpRequestWriter} and
 * {@code HttpAnswerInput} for each connection of it.
 */
@NullMarked
package terpan.link;

import org.jspecify.annotations.NullMarked;
