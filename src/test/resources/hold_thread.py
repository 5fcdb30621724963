"""Holds one thread of a process where it is, and no other: hold_thread.py PID NAME. Says "held", and lets it go once standard input ends. By
ptrace(2): a signal would stop all threads."""

import ctypes
import os
import sys
from pathlib import Path

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
ALL = 0x40000000  # __WALL: threads are waited for, too


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    folder = Path("/proc") / sys.argv[1] / "task"
    thread = next(int(one.name) for one in folder.iterdir() if (one / "comm").read_text().strip() == sys.argv[2])
    for order in (SEIZE, INTERRUPT):
        if libc.ptrace(order, thread, None, None) != 0:
            sys.exit("ptrace %#x: %s" % (order, os.strerror(ctypes.get_errno())))
    os.waitpid(thread, ALL)
    print("held", flush=True)
    sys.stdin.read()
    libc.ptrace(DETACH, thread, None, None)


main()
