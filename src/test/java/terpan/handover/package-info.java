@NullMarked
package terpan.handover;

import org.jspecify.annotations.NullMarked;
