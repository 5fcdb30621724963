/** Every counter, gauge and histogram, declared once. */
@NullMarked
package terpan.metrics;

import org.jspecify.annotations.NullMarked;
