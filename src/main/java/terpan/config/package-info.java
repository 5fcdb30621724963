/** Settings as records, loaded from TOML, environment and flags with all problems reported at once. */
@NullMarked
package terpan.config;

import org.jspecify.annotations.NullMarked;
