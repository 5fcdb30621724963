/**
 * Which worker gets which request and who waits: plain Java without I/O, clock or randomness of its own. {@link terpan.dispatch.Dispatcher}
 * is the door, with the one lock. {@code Slots} has each worker's {@code Slot}, and chooses by a {@code SlotChoice}; {@code WaitingRoom}
 * has who waits, in a {@code WaitQueue}; {@code AdaptiveWindow} and {@code RouteTable} learn how long workers and routes take;
 * {@code GivenUp} and {@code Denial} tell which worker hangs.
 */
@NullMarked
package terpan.dispatch;

import org.jspecify.annotations.NullMarked;
