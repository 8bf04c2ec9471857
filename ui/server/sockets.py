"""Small messages leave the server at once.

Streamlit 1.67 binds its socket without naming TCP as the protocol, so asyncio leaves Nagle's algorithm on (uvicorn issue 3149): the
second of two small messages waits for the answer to the first, 40 ms on one machine, a round trip on a long way.
"""

from __future__ import annotations

import os
import socket
import stat

OPEN_FILES = "/dev/fd"
"""Where Linux and macOS list a process's open files; elsewhere nothing is done."""


def send_at_once() -> int:
    """Turn Nagle's algorithm off for all that this process's listening sockets will accept; returns how many there are."""
    found = 0
    for name in os.listdir(OPEN_FILES) if os.path.isdir(OPEN_FILES) else ():
        try:
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                continue
        except OSError:  # the listing's own file, closed since
            continue
        with socket.socket(fileno=os.dup(int(name))) as one:
            tcp = one.family in (socket.AF_INET, socket.AF_INET6) and one.type == socket.SOCK_STREAM
            if tcp and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                found += 1
    return found
