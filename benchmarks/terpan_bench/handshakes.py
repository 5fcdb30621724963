"""Clients that make a connection for each request: ``handshakes.py PORT SECONDS CONNECTIONS full|resumed`` prints how many requests were
answered, how many were not, and microseconds of each answer's median and 99th part, from the connect to the end. A process of its own, for
what it costs is not the stack's."""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
import time

from terpan_bench.stack import trusting

TIMEOUT_SECONDS = 10
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Client(threading.Thread):
    """One after the other, until a moment."""

    def __init__(self, port: int, until: float, resumes: bool):
        super().__init__(daemon=True)
        self.port, self.until, self.resumes = port, until, resumes
        self.taken: list[float] = []
        self.errors = 0

    def run(self) -> None:
        context, session = trusting(), None
        while time.monotonic() < self.until:
            began = time.perf_counter()
            try:
                session = self.once(context, session)
                self.taken.append((time.perf_counter() - began) * 1e6)
            except (OSError, ValueError):
                self.errors += 1

    def once(self, context: ssl.SSLContext, session: ssl.SSLSession | None) -> ssl.SSLSession | None:
        with socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS) as plain:
            # As browsers and HTTP libraries do: else the request waits for the acknowledgement of the handshake's last message, 40 ms
            # where the server has nothing to send before it.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with context.wrap_socket(plain, server_hostname="localhost", session=session if self.resumes else None) as secure:
                secure.sendall(REQUEST)
                answer = b""
                while piece := secure.recv(4096):
                    answer += piece
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise ValueError(answer[:100])
                if session is not None and secure.session_reused is not self.resumes:
                    raise ValueError("the session was not resumed")
                return secure.session if self.resumes else None


def main(port: int, seconds: float, connections: int, kind: str) -> None:
    until = time.monotonic() + seconds
    clients = [Client(port, until, kind == "resumed") for _ in range(connections)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(seconds + 2 * TIMEOUT_SECONDS)
    taken = sorted(one for client in clients for one in client.taken)
    if not taken:
        sys.exit("no handshake was done")
    told = {"requests": len(taken), "errors": sum(client.errors for client in clients)}
    print(json.dumps({**told, "p50": taken[len(taken) // 2], "p99": taken[len(taken) * 99 // 100]}))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
