/** The native link, which the front speaks with built-in workers: frames, many requests in one write, names instead of bytes of files. */
@NullMarked
package terpan.link.nativelink;

import org.jspecify.annotations.NullMarked;
