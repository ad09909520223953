"""Put on PYTHONPATH, it refuses every address but this machine's, in each process, and notes it."""

from __future__ import annotations

import os
import sys
from typing import Any

NOTES = os.environ["GUARD_NOTES"]
LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "", None}
ASKS = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}
"""The events of Python that name an address, and where among their arguments it stands."""


def refuse(event: str, given: tuple[Any, ...]) -> None:
    """Refuse what asks for another machine; sockets of files have a path for an address."""
    if event not in ASKS:
        return
    address = given[ASKS[event]]
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(address, (str, bytes)) and event in {"socket.connect", "socket.sendto"}:
        return
    if (host.decode() if isinstance(host, bytes) else host) not in LOOPBACK:
        with open(NOTES, "a", encoding="utf-8") as notes:
            notes.write(f"{event} {address}\n")
        raise PermissionError(f"{event} to {address}: only this machine may be asked")


sys.addaudithook(refuse)
