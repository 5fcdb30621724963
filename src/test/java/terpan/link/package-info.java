/** Tests of the worker side, on pretend loops and with real Pythons. */
@NullMarked
package terpan.link;

import org.jspecify.annotations.NullMarked;
