/** TLS in front of what a listener's clients speak: a wire over a wire, on the event loop, and the engines that it drives. */
@NullMarked
package terpan.tls;

import org.jspecify.annotations.NullMarked;
