"""Whether Terpan can serve a request: health.py SOCKET asks /healthz at the operators' socket; ends with 0 if it can, else it says why."""

import socket
import sys

SECONDS = 3

client = socket.socket(socket.AF_UNIX)
client.settimeout(SECONDS)
client.connect(sys.argv[1])
client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
answer = b""
while part := client.recv(4096):
    answer += part
head, _, body = answer.partition(b"\r\n\r\n")
if b" 200 " not in head.partition(b"\r\n")[0]:
    sys.exit(body.decode(errors="replace").strip())
