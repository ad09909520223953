"""A little bulletin, and tables as customs print them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from contracts import sha256
from workbooks import BULLETIN_HEADER, BULLETIN_ROWS

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
Write = Callable[[str, str], None]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


@pytest.fixture
def write(raw: Path) -> Write:
    """Write a raw file with the shipped file's origin record, its hash put right."""

    def into(name: str, text: str) -> None:
        path = raw / name
        path.write_text(text, encoding="utf-8")
        record = yaml.safe_load((RAW / f"{name}.origin.yaml").read_text(encoding="utf-8"))
        origin = path.with_name(f"{name}.origin.yaml")
        origin.write_text(yaml.safe_dump(record | {"sha256": sha256(path)}), encoding="utf-8")

    return into


@pytest.fixture
def little(raw: Path, write: Write) -> Path:
    write("bulletin.csv", "\n".join([BULLETIN_HEADER, *BULLETIN_ROWS]) + "\n")
    for name in ("bulletin_lines.csv", "bulletin_spellings.csv"):
        write(name, (RAW / name).read_text(encoding="utf-8"))
    return raw
