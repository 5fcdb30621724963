"""Socket.IO by long polling: a session is known to the one worker that it began at."""

import os

from flask import Flask
from flask_socketio import SocketIO, emit

application = Flask(__name__)
socketio = SocketIO(application, async_mode="threading", transports=["polling"])


@socketio.on("say")
def say(text):
    emit("said", f"{os.getpid()} {text}")
