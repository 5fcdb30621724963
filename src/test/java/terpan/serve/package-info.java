/** The whole program as a process of its own, with real servers, sockets and signals. */
@org.jspecify.annotations.NullMarked
package terpan.serve;
