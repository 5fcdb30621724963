/**
 * What is handed over from process to process: listening sockets, by systemd or by the Terpan before, and words on systemd's notify socket.
 * Also what becomes of processes without a parent in a container, and whose this process is. The only user of system calls by hand.
 */
@NullMarked
package terpan.handover;

import org.jspecify.annotations.NullMarked;
