"""WebSockets in streams of one connection of HTTP/2 (RFC 8441), by the h2 and wsproto libraries: http2.py PORT TRUSTED PATH COUNT ROUNDS."""

from __future__ import annotations

import os
import socket
import ssl
import sys

import h2.config
import h2.connection
import h2.events
import h2.settings
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, TextMessage

port, trusted, path, count, rounds = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
context = ssl.create_default_context(cafile=trusted)
context.set_alpn_protocols(["h2"])
wire = context.wrap_socket(socket.create_connection(("localhost", port), timeout=60), server_hostname="localhost")
connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
connection.initiate_connection()
wire.sendall(connection.data_to_send())


class Tunnel:
    def __init__(self, stream: int) -> None:
        self.stream = stream
        self.status = ""
        self.socket = Connection(ConnectionType.CLIENT)
        self.unsent = b""
        self.round = 0
        self.sent: str | bytes = ""
        self.got = b""
        self.closed = 0
        self.ended = False

    def say(self) -> None:
        if self.round == rounds:
            self.unsent += self.socket.send(CloseConnection(1000))
            return
        text = self.round % 2 == 0
        self.sent = f"{self.stream} {self.round}" if text else os.urandom(200_000)
        self.unsent += self.socket.send(TextMessage(self.sent) if text else BytesMessage(self.sent))

    def flush(self) -> None:
        while self.unsent and self.status == "200" and not self.ended:
            room = min(connection.local_flow_control_window(self.stream), connection.max_outbound_frame_size)
            if room == 0:
                return
            connection.send_data(self.stream, self.unsent[:room])
            self.unsent = self.unsent[room:]

    def take(self, data: bytes) -> None:
        self.socket.receive_data(data)
        for event in self.socket.events():
            match event:
                case TextMessage() | BytesMessage():
                    piece = event.data.encode() if isinstance(event.data, str) else bytes(event.data)
                    self.got += piece
                    if event.message_finished:
                        expected = self.sent.encode() if isinstance(self.sent, str) else self.sent
                        assert self.got == expected
                        self.got = b""
                        self.round += 1
                        self.say()
                case CloseConnection():
                    self.closed = event.code


def receive(tunnels: dict[int, Tunnel]) -> None:
    received = wire.recv(65536)
    if not received:
        raise SystemExit("the connection ended")
    for event in connection.receive_data(received):
        match event:
            case h2.events.RemoteSettingsChanged():
                changed = event.changed_settings.get(h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL)
                if changed is not None:
                    print("connect", changed.new_value)
            case h2.events.ResponseReceived():
                fields = dict(event.headers)
                tunnels[event.stream_id].status = fields[":status"]
                assert "sec-websocket-accept" not in fields
            case h2.events.DataReceived():
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if event.data and tunnels[event.stream_id].status == "200":
                    tunnels[event.stream_id].take(event.data)
            case h2.events.StreamEnded():
                tunnels[event.stream_id].ended = True
            case h2.events.StreamReset(error_code=0):
                # The server is at its end, and wants no more of ours (RFC 9113, section 8.1).
                assert tunnels[event.stream_id].ended
            case h2.events.StreamReset() | h2.events.ConnectionTerminated():
                raise SystemExit(repr(event))


while h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL not in connection.remote_settings:
    receive({})
tunnels: dict[int, Tunnel] = {}
for _ in range(count):
    tunnel = Tunnel(connection.get_next_available_stream_id())
    fields = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":path", path),
        ("sec-websocket-version", "13"),
    ]
    connection.send_headers(tunnel.stream, fields)
    tunnels[tunnel.stream] = tunnel
    tunnel.say()
while not all(tunnel.ended for tunnel in tunnels.values()):
    for tunnel in tunnels.values():
        tunnel.flush()
    wire.sendall(connection.data_to_send())
    receive(tunnels)
for tunnel in tunnels.values():
    print(tunnel.status, tunnel.round, tunnel.closed)
connection.close_connection()
wire.sendall(connection.data_to_send())
