@NullMarked
package terpan.systemd;

import org.jspecify.annotations.NullMarked;
