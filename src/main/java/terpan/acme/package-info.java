/** Certificates that are had from an authority (ACME, RFC 8555), kept, and renewed. */
@NullMarked
package terpan.acme;

import org.jspecify.annotations.NullMarked;
