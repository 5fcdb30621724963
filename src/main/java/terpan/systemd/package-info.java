/** What systemd and Terpan tell each other: the notify socket, and sockets that are handed over. The only user of system calls by hand. */
@NullMarked
package terpan.systemd;

import org.jspecify.annotations.NullMarked;
