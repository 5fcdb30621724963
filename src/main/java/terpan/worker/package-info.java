/**
 * One worker process from command line to exit status, and the supervisor that keeps N of them alive. {@code Supervisor} owns
 * {@code RunningGeneration}s, each with a {@code Roster} of {@code WorkerHandle}s; a handle's present process is an {@code Attempt}, which
 * {@code Spawner} starts and {@code ControlServer} hears. {@code Restart} replaces them, {@code Guard} ends them when we are gone.
 * {@code PythonFiles}, {@code PythonFacts} and {@code VirtualEnvironment} see to the interpreter before that.
 */
@NullMarked
package terpan.worker;

import org.jspecify.annotations.NullMarked;
