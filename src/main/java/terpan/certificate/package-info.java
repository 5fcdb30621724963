/** Certificates and private keys as they lie in PEM files: what is in them, and whether it fits together. */
@NullMarked
package terpan.certificate;

import org.jspecify.annotations.NullMarked;
