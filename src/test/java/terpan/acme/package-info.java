@NullMarked
package terpan.acme;

import org.jspecify.annotations.NullMarked;
