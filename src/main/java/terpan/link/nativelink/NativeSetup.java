package terpan.link.nativelink;

import java.util.concurrent.Executor;
import terpan.loop.Loop;

/**
 * What every connection of a native link is made with.
 *
 * @param loop the home loop
 * @param pid the worker's process
 * @param files runs what waits for the disk
 * @param seed a number that clients can not know
 */
record NativeSetup(Loop loop, long pid, Executor files, long seed) {}
