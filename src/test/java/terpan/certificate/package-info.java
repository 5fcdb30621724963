@NullMarked
package terpan.certificate;

import org.jspecify.annotations.NullMarked;
