/** The operators' listener: status, metrics and commands; sees the rest through snapshots and one command interface. */
@NullMarked
package terpan.admin;

import org.jspecify.annotations.NullMarked;
