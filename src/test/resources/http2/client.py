"""Asks a server over HTTP/2 by the h2 library: client.py PORT TRUSTED|- PATH COUNT prints the version that was agreed on, then a line for each answer."""

import socket
import ssl
import sys

import h2.config
import h2.connection
import h2.events

port, trusted, path, count = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
wire = socket.create_connection(("localhost", port), timeout=30)
if trusted != "-":
    context = ssl.create_default_context(cafile=trusted)
    context.set_alpn_protocols(["h2", "http/1.1"])
    wire = context.wrap_socket(wire, server_hostname="localhost")
    print(wire.selected_alpn_protocol())
scheme = "http" if trusted == "-" else "https"
connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
connection.initiate_connection()
answers = {}
for _ in range(count):
    stream = connection.get_next_available_stream_id()
    fields = [(":method", "GET"), (":scheme", scheme), (":authority", "localhost"), (":path", path)]
    connection.send_headers(stream, fields, end_stream=True)
    answers[stream] = ["", 0, False]
while not all(ended for _, _, ended in answers.values()):
    wire.sendall(connection.data_to_send())
    received = wire.recv(65536)
    if not received:
        raise SystemExit("the connection ended")
    for event in connection.receive_data(received):
        match event:
            case h2.events.ResponseReceived():
                answers[event.stream_id][0] = dict(event.headers)[":status"]
            case h2.events.DataReceived():
                answers[event.stream_id][1] += len(event.data)
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.StreamEnded():
                answers[event.stream_id][2] = True
            case h2.events.StreamReset() | h2.events.ConnectionTerminated():
                raise SystemExit(repr(event))
for status, length, _ in answers.values():
    print(status, length)
connection.close_connection()
wire.sendall(connection.data_to_send())
