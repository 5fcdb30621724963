"""Reads requests from standard input, one a line in hexadecimal, and tells for each what h11 makes of it."""

import sys

import h11


def outcome(data):
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=40_000)
    try:
        if data:  # no bytes would mean the end of the stream
            connection.receive_data(data)
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
                return "waits"
            if event is h11.PAUSED or isinstance(event, h11.EndOfMessage):
                return "read"
    except h11.RemoteProtocolError:
        return "refused"


for line in sys.stdin:
    print(outcome(bytes.fromhex(line.strip())))
