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

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

AGAIN = "run the same command again to go on; what was fetched is kept"
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
REFUSED = frozenset({401, 403})
ATTEMPTS = 6
FIRST, LONGEST, LONGEST_ASKED = 2.0, 60.0, 300.0
"""Seconds that the first wait takes, any wait at most, and one that the source asks for at most."""
SHORTEST_KEY = 8
HIDDEN = "[key]"


class FetchError(Exception):
    """A fetch that cannot go on; the message says what happened and what to do."""


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
class Answer:
    """What came back: status, and text without the key."""

    source: str
    status: int
    text: str

    def json(self) -> Any:
        """The text as JSON; raises FetchError for anything else."""
        try:
            return json.loads(self.text)
        except ValueError:
            raise changed(self.source, f"the answer is not JSON: {self.words!r}") from None

    @property
    def words(self) -> str:
        """The first words of the answer, without markup."""
        return " ".join(re.sub(r"<[^>]*>", " ", self.text).split())[:200]


class Web(AbstractContextManager["Web"]):
    """A connection to one source. Neither its errors nor its answers hold the key."""

    def __init__(self, source: str, address: str, key: str = "", pause: float = 0.0) -> None:
        """Connect to `address`; `key` is only ever put into requests, `pause` seconds apart."""
        if not re.match(r"https?://[^/]+", address):
            raise FetchError(f"{source}: {address!r} is no address; it must begin with https://")
        if key and (len(key) < SHORTEST_KEY or key.split() != [key]):
            raise FetchError(
                f"{source}: the key is shorter than {SHORTEST_KEY} characters or holds a blank; "
                "copy it again from the letter it came in"
            )
        import httpx  # not for those who only read what was fetched

        for name in ("httpx", "httpcore"):  # their logs hold addresses, and those hold keys
            logging.getLogger(name).setLevel(logging.WARNING)
        self.source, self.key, self.pause = source, key, pause
        self._client, self._lost = httpx.Client(base_url=address, timeout=120), httpx.RequestError
        self._next = 0.0

    def __exit__(self, *ended: object) -> None:
        """Close the connection."""
        self._client.close()

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (200,),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """What lies at `path` below the address, or at a link to the same host.

        An answer whose status is not in `accept` raises FetchError.
        """
        return self._ask("GET", path, accept, params=params, headers=headers)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """What comes back for `body`, sent as JSON to `path` below the address."""
        return self._ask("POST", path, (200,), json=body)

    def _ask(self, method: str, path: str, accept: tuple[int, ...], **content: Any) -> Answer:
        request, here = self._client.build_request(method, path, **content), self._client.base_url
        if (request.url.scheme, request.url.netloc) != (here.scheme, here.netloc):
            raise changed(self.source, f"the next page is said to be on {request.url.host!r}")
        retrying = Retrying(
            retry=retry_if_exception_type(UnavailableError),
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._wait,
            reraise=True,
        )
        return retrying(self._once, request, accept)

    def _wait(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, UnavailableError) and failure.after is not None:
            return failure.after
        return float(wait_exponential_jitter(multiplier=FIRST, max=LONGEST, jitter=FIRST)(state))

    def _once(self, request: Any, accept: tuple[int, ...]) -> Answer:
        if (wait := self._next - time.monotonic()) > 0:
            time.sleep(wait)
        self._next = time.monotonic() + self.pause
        try:
            response = self._client.send(request)
        except self._lost as error:
            raise UnavailableError(
                f"{self.source}: no answer from {request.url.host} ({type(error).__name__}); is "
                f"this computer online? If so the source is out of order: {AGAIN}"
            ) from None
        text = response.text
        for key in {self.key, quote(self.key, safe="")} - {""}:
            text = text.replace(key, HIDDEN)
        answer = Answer(self.source, response.status_code, text)
        if answer.status not in accept:
            raise self._failure(answer, seconds(response.headers.get("retry-after")))
        return answer

    def _failure(self, answer: Answer, wait: float | None) -> FetchError:
        told = f"status {answer.status}: {answer.words or 'no words'}"
        if "quota" in answer.text.lower() and answer.status in REFUSED | {429}:
            problem = f"the quota is used up ({told}); later {AGAIN}"
        elif answer.status in PASSING and wait is not None and wait > LONGEST_ASKED:
            problem = f"asks to wait {wait / 60:.0f} minutes ({told}); then {AGAIN}"
        elif answer.status in PASSING:
            problem = f"{self.source}: out of order or too busy ({told}); {AGAIN}"
            return UnavailableError(problem, wait)
        elif answer.status in REFUSED:
            problem = (
                f"access was refused ({told}); check that the key is right and active, see "
                "docs/sources.md"
            )
        else:
            return changed(self.source, f"the request was not understood ({told})")
        return FetchError(f"{self.source}: {problem}")


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
