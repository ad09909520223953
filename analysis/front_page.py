"""What a shared notebook answers, for the front page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from contracts import write_json


def write_answers(answers: Mapping[str, str], path: Path) -> Path:
    """Write answers by question as a list of {"question", "answer"}, whole or not at all."""
    listed = [{"question": question, "answer": answer} for question, answer in answers.items()]
    return write_json(listed, path)
