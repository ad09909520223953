"""The sentences that more than one page shows; all others stand in their notebooks."""

from __future__ import annotations


def provenance(newsrooms: bool, customs: bool) -> str:
    """Where the numbers come from: `what newsrooms printed`, `what customs published`, or both."""
    told = {"what customs published": customs, "what newsrooms printed": newsrooms}
    return " and ".join(words for words, is_so in told.items() if is_so) or "no source at all"
