"""What a shared notebook answers, for the front page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from contracts import write_json


def write_answers(
    answers: Mapping[str, str], path: Path, news: Iterable[tuple[date, str, str]] = ()
) -> Path:
    """Write answers by question as a list of {"question", "answer"}, whole or not at all.

    `news` are answers with the day from which each held, {"question", "answer", "day"}: they stand
    in the site's feed.
    """
    listed = [{"question": question, "answer": answer} for question, answer in answers.items()]
    dated = [{"question": one, "answer": it, "day": f"{day:%Y-%m-%d}"} for day, one, it in news]
    return write_json([*listed, *dated], path)
