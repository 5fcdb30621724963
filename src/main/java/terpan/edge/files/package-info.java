/** Files as answers: which requests are for one, how it is found and opened safely, and what is answered of it. */
@NullMarked
package terpan.edge.files;

import org.jspecify.annotations.NullMarked;
