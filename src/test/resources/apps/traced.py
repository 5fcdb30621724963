"""An application whose requests are traced as its author would do it: with OpenTelemetry's own middleware for WSGI."""

import logging
import os
import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

logging.disable(logging.ERROR)  # where no collector is, that is the test's subject
provider = TracerProvider(resource=Resource.create({"service.name": "application"}))
if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)


def plain(environ, start_response):
    if environ["PATH_INFO"] == "/raise":
        raise ValueError("as asked")
    if environ["PATH_INFO"] == "/print":
        print("printed of " + environ["QUERY_STRING"], file=sys.stderr, flush=True)
    context = trace.get_current_span().get_span_context()
    told = [
        environ.get("HTTP_TRACEPARENT", "-"),
        environ.get("HTTP_TRACESTATE", "-"),
        format(context.trace_id, "032x"),
        format(context.span_id, "016x"),
    ]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [" ".join(told).encode()]


application = OpenTelemetryMiddleware(plain)
