"""Finding one product's lines in a download of any size, without decoding the others.

In GB18030 the bytes of a comma, a quotation mark and a line end never occur inside a character,
and a run of digits after a comma is a run of digits (a digit byte can only be the second or
fourth of a character). So the product code is searched for among the raw bytes; a line that
holds it by chance is sorted out when its columns are read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.customs.header import AGAIN, Header
from analysis.customs.refusal import refusal

BLOCK_BYTES = 1 << 22
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True)
class Line:
    """One line of a file: its bytes and where they begin."""

    offset: int
    text: bytes


def scan_lines(path: Path, header: Header, product: str) -> Iterator[Line]:
    """The lines of `path` that may concern `product`, in memory that does not grow with the file.

    Raises TableError for a file cut off in the middle of a row.
    """
    wide = product.translate(FULL_WIDTH).encode(header.encoding.removesuffix("-sig"))
    needles = (product.encode("ascii"), wide)
    last = Line(0, b"")
    for block in _blocks(path, header.length):
        starts = {start for needle in needles for start in _line_starts(block.text, needle)}
        for start in sorted(starts):
            yield Line(block.offset + start, _line_at(block.text, start))
        last = Line(block.offset, block.text)
    _check_ending(path, header, last)


def _blocks(path: Path, start: int) -> Iterator[Line]:
    """The file in blocks of whole lines; only the last may lack its line end."""
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(BLOCK_BYTES):
            block = Line(file.tell() - len(chunk), chunk + file.readline(BLOCK_BYTES))
            if len(block.text) == 2 * BLOCK_BYTES and not block.text.endswith(b"\n"):
                line = line_number(path, block.offset + block.text.rfind(b"\n") + 1)
                raise refusal(path, "no line end", f"not a list of rows: {AGAIN}", line=line)
            yield block


def _line_starts(block: bytes, needle: bytes) -> Iterator[int]:
    found = block.find(needle)
    while found >= 0:
        yield block.rfind(b"\n", 0, found) + 1
        end = block.find(b"\n", found)
        found = block.find(needle, end) if end >= 0 else -1


def _line_at(block: bytes, start: int) -> bytes:
    end = block.find(b"\n", start)
    return block[start : end if end >= 0 else len(block)]


def _check_ending(path: Path, header: Header, block: Line) -> None:
    body = block.text.rstrip(b"\r\n")
    if len(body) < len(block.text):
        return
    start = block.text.rfind(b"\n") + 1
    text = block.text[start:].decode(header.encoding, "replace")
    if text and len(next(csv.reader(io.StringIO(text)))) < len(header.columns):
        line = line_number(path, block.offset + start)
        advice = f"the file breaks off in the middle of a row: {AGAIN}"
        raise refusal(path, text, advice, line=line, column=header.columns[0])


def line_number(path: Path, offset: int) -> int:
    """The number, from 1, of the line that begins at byte `offset`."""
    count, left = 1, offset
    with path.open("rb") as file:
        while left > 0 and (chunk := file.read(min(BLOCK_BYTES, left))):
            count, left = count + chunk.count(b"\n"), left - len(chunk)
    return count
