/** What clients may take of connections, requests and memory, and the lines about what they are refused. */
@NullMarked
package terpan.edge.limits;

import org.jspecify.annotations.NullMarked;
