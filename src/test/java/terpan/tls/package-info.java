@NullMarked
package terpan.tls;

import org.jspecify.annotations.NullMarked;
