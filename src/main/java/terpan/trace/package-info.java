/** Traces of requests that are over, on their way to whoever takes them (OpenTelemetry's protocol, OTLP). */
@NullMarked
package terpan.trace;

import org.jspecify.annotations.NullMarked;
