"""A client of Python's ssl, which is OpenSSL's: client.py PORT CERTIFICATES WHAT [ARGUMENT]. Prints what it saw."""

import socket
import ssl
import sys

GET = b"GET /environment HTTP/1.1\r\nHost: localhost\r\n\r\n"
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def context(certificates, version):
    made = ssl.create_default_context(cafile=certificates)
    made.minimum_version = made.maximum_version = VERSIONS[version]
    made.set_alpn_protocols(["http/1.1"])
    return made


def answer(stream):
    head = b""
    while b"\r\n\r\n" not in head:
        more = stream.recv(65536)
        if not more:
            raise EOFError(head)
        head += more
    head, body = head.split(b"\r\n\r\n", 1)
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    while len(body) < length:
        more = stream.recv(65536)
        if not more:
            raise EOFError(body)
        body += more
    return head.split(b"\r\n")[0].decode(), body


def get(port, certificates, version):
    """Two requests on one connection, then close_notify both ways."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        secured = context(certificates, version).wrap_socket(plain, server_hostname="localhost")
        print(secured.version(), secured.selected_alpn_protocol())
        for _ in range(2):
            secured.sendall(GET)
            print(*(part if isinstance(part, str) else part.decode() for part in answer(secured)))
        secured.unwrap()
        print("unwrapped")


def leave(port, certificates, version):
    """Closes without close_notify, with a request half sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        secured = context(certificates, version).wrap_socket(plain, server_hostname="localhost")
        secured.sendall(b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf")
        secured.detach()
        print("left")


class ByBytes:
    """Speaks through memory, and sends each byte in a segment of its own."""

    def __init__(self, plain, made):
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.plain = plain
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self.secured = made.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")

    def flush(self):
        for byte in self.outgoing.read():
            self.plain.sendall(bytes([byte]))

    def run(self, what, *arguments):
        while True:
            try:
                result = what(*arguments)
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                received = self.plain.recv(65536)
                if received:
                    self.incoming.write(received)
                else:
                    self.incoming.write_eof()

    def recv(self, most):
        return self.run(self.secured.read, most)


def bytewise(port, certificates, version):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        client = ByBytes(plain, context(certificates, version))
        client.run(client.secured.do_handshake)
        client.run(client.secured.write, GET)
        print(answer(client)[0])
        client.run(client.secured.unwrap)
        print("unwrapped")


def cut(port, certificates, version):
    """Leaves after each byte of the handshake and of a request; the last time it asks."""
    made = context(certificates, version)
    at = 0
    while True:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            client = Counting(plain, made, at)
            try:
                client.run(client.secured.do_handshake)
                client.run(client.secured.write, GET)
                print(at > 300, answer(client)[0])
                return
            except Cut:
                at += 1 if at < 20 else 7


class Cut(Exception):
    pass


class Counting(ByBytes):
    """Sends no more than so many bytes."""

    def __init__(self, plain, made, most):
        super().__init__(plain, made)
        self.left = most

    def flush(self):
        pending = self.outgoing.read()
        self.plain.sendall(pending[: self.left])
        if len(pending) > self.left:
            raise Cut()
        self.left -= len(pending)


if __name__ == "__main__":
    WHAT = {"get": get, "leave": leave, "bytewise": bytewise, "cut": cut}
    WHAT[sys.argv[3]](int(sys.argv[1]), sys.argv[2], sys.argv[4])
