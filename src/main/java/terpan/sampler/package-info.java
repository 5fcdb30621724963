/** Puts the picture together, from what supervisor, dispatcher, watch and counters know. */
@NullMarked
package terpan.sampler;

import org.jspecify.annotations.NullMarked;
