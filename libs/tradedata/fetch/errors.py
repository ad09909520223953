"""What can go wrong while fetching, in words for the person who fetches."""

from __future__ import annotations

AGAIN = "run the same command again to go on; what was fetched is kept"


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
        f"place of data. If it stays so, tradedata/fetch/{source}.py must be brought up to date"
    )
