"""Put on PYTHONPATH, it refuses every address but this machine's, in each process, and notes it.

A process that it guards notes itself in a file beside; one that listens may do so on loopback only.
"""

from __future__ import annotations

import os
import sys
from typing import Any

NOTES = os.environ["GUARD_NOTES"]
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
ASKS = {"socket.connect": 1, "socket.sendto": 1, "socket.bind": 1}
ASKS |= {"socket.getaddrinfo": 0, "socket.gethostbyname": 0}
"""The events of Python that name an address, and where among their arguments it stands."""


def note(file: str, text: str) -> None:
    """Add a line to a file of notes."""
    with open(file, "a", encoding="utf-8") as notes:
        notes.write(f"{text}\n")


def refuse(event: str, given: tuple[Any, ...]) -> None:
    """Refuse what asks for another machine; sockets of files have a path for an address."""
    if event not in ASKS:
        return
    address = given[ASKS[event]]
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(address, (str, bytes)) and ASKS[event]:
        return
    if (host.decode() if isinstance(host, bytes) else host) not in LOOPBACK:
        note(NOTES, f"{event} {address}")
        raise PermissionError(f"{event} to {address}: only this machine may be asked")


note(f"{NOTES}.guarded", " ".join(sys.orig_argv))
sys.addaudithook(refuse)
