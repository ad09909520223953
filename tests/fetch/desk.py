"""A real HTTP server on loopback that speaks a source's documented format."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "Zq8-secret-key-0f3b9a7d1c"
QUICK = {"ATTEMPTS": 4, "FIRST": 0.001, "LONGEST": 0.002, "LONGEST_ASKED": 2.0}
"""How patient the client is in tests."""


@dataclass
class Asked:
    """A request as the server saw it."""

    method: str
    target: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Reply:
    """What the server sends back."""

    body: str | dict[str, Any] | list[Any] = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode()


@dataclass
class Desk:
    """The server's address, what it was asked, and replies to give before it answers in earnest."""

    address: str
    asked: list[Asked] = field(default_factory=list)
    first: list[Reply] = field(default_factory=list)


Answering = Callable[[Asked], Reply]


def handler(desk: Desk, answer: Answering) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _speak(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            asked = Asked(self.command, self.path, parts.path, query, dict(self.headers), body)
            desk.asked.append(asked)
            reply = desk.first.pop(0) if desk.first else answer(asked)
            if reply.status == 0:  # a lost connection
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = do_POST = _speak

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    return Handler
