/** A loop without sockets, and tests of the real one. */
package terpan.loop;
