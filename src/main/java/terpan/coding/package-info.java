/** Content codings: gzip, Brotli and Zstandard over bodies that come in pieces, and which one a client wants; the only user of their libraries. */
@org.jspecify.annotations.NullMarked
package terpan.coding;
