"""Starts processes, and says how they ended."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

SECONDS = 30


def ended(pid):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "never"


def forked(environ, start_response):
    pid = os.fork()
    if pid == 0:
        how = environ["QUERY_STRING"]
        if how == "exit":
            sys.exit(3)
        if how == "raise":
            raise ValueError("of the child")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"the child answers"] if how == "return" else pieces()
    return ended(pid)


def pieces():
    yield b"the child answers"
    yield b" in pieces"


def terminated(environ, start_response):
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(SECONDS,))
    child.start()
    child.terminate()
    return ended(child.pid)


def interrupted(environ, start_response):
    child = subprocess.Popen(["sleep", str(SECONDS)])
    child.send_signal(signal.SIGINT)
    try:
        return child.wait(SECONDS / 2)
    except subprocess.TimeoutExpired:
        child.kill()
        return "ignored: %s" % child.wait()


def blocked(environ, start_response):
    shown = subprocess.run(["grep", "SigBlk", "/proc/self/status"], capture_output=True, text=True).stdout
    return int(shown.split()[1], 16)


def handled(environ, start_response):
    """Where the main thread runs requests: what asyncio sets for a signal, and takes away."""
    if threading.current_thread() is not threading.main_thread():
        return 0

    async def run():
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, print)
        loop.add_signal_handler(signal.SIGINT, print)
        loop.remove_signal_handler(signal.SIGTERM)
        loop.remove_signal_handler(signal.SIGINT)

    try:
        running = asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(run())
    else:
        running.add_signal_handler(signal.SIGTERM, print)
        running.remove_signal_handler(signal.SIGTERM)
    return 0


DONE = {"/fork": forked, "/terminate": terminated, "/interrupt": interrupted, "/blocked": blocked, "/handle": handled}


def application(environ, start_response):
    done = DONE[environ["PATH_INFO"]](environ, start_response)
    if isinstance(done, list) or hasattr(done, "__next__"):
        return done
    body = b"%d %s" % (os.getpid(), str(done).encode())
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
