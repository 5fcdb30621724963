/** The command line: the only user of picocli. */
@NullMarked
package terpan.cli;

import org.jspecify.annotations.NullMarked;
