"""Servers on loopback for the clients, and a guard that nothing goes farther."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from desk import QUICK, Answering, Desk, handler
from tradedata.fetch import web


@pytest.fixture
def serve() -> Iterator[Callable[[Answering], Desk]]:
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answering) -> Desk:
        desk = Desk("")
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler(desk, answer))
        desk.address = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return desk

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may reach another machine, and no proxy of this one stands between."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("COMTRADE_API_KEY", "CENSUS_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits as long as a user would."""
    for name, value in QUICK.items():
        monkeypatch.setattr(web, name, value)
