"""Shows Terpan's metrics to Prometheus, and nothing else: metrics.py PORT, beside Terpan in its pod. Terpan offers what operators see and do at
an address of the pod alone, TERPAN_OPERATORS_BIND, and to who has a token, TERPAN_OPERATORS_READER_TOKEN."""

import http.client
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECONDS = 5


class Metrics(BaseHTTPRequestHandler):
    timeout = SECONDS

    def do_GET(self):
        if self.path != "/metrics":
            self.send_error(404)
            return
        terpan = http.client.HTTPConnection(os.environ["TERPAN_OPERATORS_BIND"], timeout=SECONDS)
        try:
            terpan.request("GET", "/metrics", headers={"Authorization": "Bearer " + os.environ["TERPAN_OPERATORS_READER_TOKEN"]})
            answer = terpan.getresponse()
            status, kind, body = answer.status, answer.getheader("Content-Type"), answer.read()
        except OSError as error:
            status, kind, body = 502, "text/plain", str(error).encode()
        finally:
            terpan.close()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("", int(sys.argv[1])), Metrics).serve_forever()
