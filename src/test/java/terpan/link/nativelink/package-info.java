/** Tests of the native link, on pretend loops and with real Pythons. */
@NullMarked
package terpan.link.nativelink;

import org.jspecify.annotations.NullMarked;
