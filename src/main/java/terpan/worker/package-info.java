/** One worker process from command line to exit status, and the supervisor that keeps N of them alive. */
@NullMarked
package terpan.worker;

import org.jspecify.annotations.NullMarked;
