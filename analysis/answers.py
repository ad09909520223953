"""What a shared notebook answers, for the front page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from analysis.tables import replacing


def write_answers(answers: Mapping[str, str], path: Path) -> Path:
    """Write answers by question as a list of {"question", "answer"}, whole or not at all."""
    listed = [{"question": question, "answer": answer} for question, answer in answers.items()]
    with replacing(path) as aside:
        text = json.dumps(listed, indent=2, ensure_ascii=False)
        aside.write_text(text + "\n", encoding="utf-8")
    return path
