"""Requests to one source: patient with outages, obedient to Retry-After, silent about keys."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

AGAIN = "run the same command again to go on; what was fetched is kept"
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
REFUSED = frozenset({401, 403})
SHORTEST_KEY = 8
HIDDEN = "[key]"


class FetchError(Exception):
    """A fetch that cannot go on; the message says what happened and what to do."""


class TooLargeError(FetchError):
    """A request for more than the source gives at once."""


class UnavailableError(FetchError):
    """A failure that may pass: an outage, a lost connection, too many requests.

    `after` is how many seconds the source asks to wait, where it says so.
    """

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


def changed(source: str, found: str) -> FetchError:
    """The error for an answer that is not in the documented format."""
    return FetchError(
        f"{source}: {found}; the format of the source may have changed, or an outage page came in "
        "place of data. If it stays so, tradedata/fetch must be brought up to date"
    )


@dataclass(frozen=True)
class Patience:
    """How often and how long to wait for a source, in attempts and seconds.

    `pause` is left between two requests.
    """

    attempts: int = 6
    first: float = 2.0
    longest: float = 60.0
    longest_asked: float = 300.0
    pause: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What came back: status, text without the key, and where a redirect leads."""

    source: str
    status: int
    text: str
    location: str

    def json(self) -> Any:
        """The text as JSON; raises FetchError for anything else."""
        try:
            return json.loads(self.text)
        except ValueError:
            raise changed(self.source, f"the answer is not JSON: {excerpt(self.text)!r}") from None


def excerpt(text: str) -> str:
    """The first words of an answer, without markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:200]


class Web(AbstractContextManager["Web"]):
    """A connection to one source. Neither its errors nor its answers hold the key."""

    def __init__(
        self, source: str, address: str, key: str = "", patience: Patience | None = None
    ) -> None:
        """Connect to `address`; `key` is only ever put into requests."""
        if not re.match(r"https?://[^/]+", address):
            raise FetchError(f"{source}: {address!r} is no address; it must begin with https://")
        if key and (len(key) < SHORTEST_KEY or key.split() != [key]):
            raise FetchError(
                f"{source}: the key is shorter than {SHORTEST_KEY} characters or holds a blank; "
                "copy it again from the letter it came in"
            )
        for name in ("httpx", "httpcore"):  # their logs hold addresses, and those hold keys
            logging.getLogger(name).setLevel(logging.WARNING)
        self.source, self.address, self.key = source, address.rstrip("/"), key
        self._patience = patience or Patience()
        self._client = httpx.Client(timeout=120, follow_redirects=False)
        self._next = 0.0

    def __exit__(self, *ended: object) -> None:
        """Close the connection."""
        self._client.close()

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (200,),
    ) -> Answer:
        """Ask for `path` below the address; an answer with a status in `accept` is returned."""
        return self._patiently("GET", self.address + path, accept, params=params, headers=headers)

    def next_page(self, link: str) -> Answer:
        """Follow a link to more of the same answer, on the same host only."""
        here = httpx.URL(self.address + "/")
        there = here.join(link)
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise changed(self.source, f"the next page is said to be on {there.host!r}")
        return self._patiently("GET", str(there), (200,))

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Send `body` as JSON to `path` below the address."""
        return self._patiently("POST", self.address + path, (200,), json=body)

    def hidden(self, text: str) -> str:
        """`text` without the key."""
        if not self.key:
            return text
        return text.replace(self.key, HIDDEN).replace(quote(self.key, safe=""), HIDDEN)

    def _patiently(
        self, method: str, address: str, accept: tuple[int, ...], **content: Any
    ) -> Answer:
        retrying = Retrying(
            retry=retry_if_exception_type(UnavailableError),
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._wait,
            reraise=True,
        )
        return retrying(self._once, method, address, accept, **content)

    def _wait(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, UnavailableError) and failure.after is not None:
            return failure.after
        first, longest = self._patience.first, self._patience.longest
        return float(wait_exponential_jitter(multiplier=first, max=longest, jitter=first)(state))

    def _once(self, method: str, address: str, accept: tuple[int, ...], **content: Any) -> Answer:
        if (wait := self._next - time.monotonic()) > 0:
            time.sleep(wait)
        self._next = time.monotonic() + self._patience.pause
        try:
            response = self._client.request(method, address, **content)
        except httpx.RequestError as error:
            raise UnavailableError(
                f"{self.source}: no answer from {httpx.URL(self.address).host} "
                f"({type(error).__name__}); is this computer online? If so the source is out of "
                f"order: {AGAIN}"
            ) from None
        location = self.hidden(response.headers.get("location", ""))
        answer = Answer(self.source, response.status_code, self.hidden(response.text), location)
        if answer.status not in accept:
            raise self._failure(answer, response.headers.get("retry-after"))
        return answer

    def _failure(self, answer: Answer, retry_after: str | None) -> FetchError:
        told = f"status {answer.status}: {excerpt(answer.text) or 'no words'}"
        if "quota" in answer.text.lower() and answer.status in REFUSED | {429}:
            return FetchError(f"{self.source}: the quota is used up ({told}); later {AGAIN}")
        if answer.status in PASSING:
            return self._passing(told, retry_after)
        if answer.status in REFUSED:
            return FetchError(
                f"{self.source}: access was refused ({told}); check that the key is right and "
                "active, see docs/sources.md"
            )
        if answer.status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            return TooLargeError(f"{self.source}: the request is too large ({told})")
        return changed(self.source, f"the request was not understood ({told})")

    def _passing(self, told: str, retry_after: str | None) -> FetchError:
        wait = seconds(retry_after)
        if wait is not None and wait > self._patience.longest_asked:
            return FetchError(
                f"{self.source}: asks to wait {wait / 60:.0f} minutes ({told}); then {AGAIN}"
            )
        return UnavailableError(f"{self.source}: out of order or too busy ({told}); {AGAIN}", wait)


def seconds(retry_after: str | None) -> float | None:
    """How long a Retry-After header asks to wait: seconds or a date (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
