/** Log layouts and the access log: encoders, the writer thread, reopening of files. */
@NullMarked
package terpan.log;

import org.jspecify.annotations.NullMarked;
