/** What is known of each WSGI server: how it is launched, its capacity, its quirks. */
@NullMarked
package terpan.server;

import org.jspecify.annotations.NullMarked;
