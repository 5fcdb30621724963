/** Rules both sides need, as pure functions over bytes: heads, framing, fields. */
@NullMarked
package terpan.http;

import org.jspecify.annotations.NullMarked;
