"""Finding one product's lines in a download of any size, without decoding the others.

In GB18030 the bytes of a comma, a quotation mark and a line end never occur inside a character,
and a run of digits after a comma is a run of digits (a digit byte can only be the second or
fourth of a character). So the product code is searched for among the raw bytes; a line that
holds it by chance is sorted out when its columns are read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tradedata.customs.header import AGAIN, Header
from tradedata.customs.refusal import refusal

BLOCK_BYTES = 1 << 20
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True)
class Line:
    """One line of a file: where it begins, and its bytes."""

    offset: int
    text: bytes


@dataclass(frozen=True)
class Block:
    """Whole lines of a file: `buffer` up to `end`, until the next block is read into it."""

    offset: int
    buffer: bytearray
    end: int
    line_end: bytes


def scan_lines(path: Path, header: Header, product: str) -> Iterator[Line]:
    """The lines of `path` that may concern `product`, in memory that does not grow with the file.

    Raises TableError for a file cut off in the middle of a row.
    """
    wide = product.translate(FULL_WIDTH).encode(header.charset)
    needles = (product.encode("ascii"), wide)
    for block in _blocks(path, header):
        starts = {start for needle in needles for start in _line_starts(block, needle)}
        for start in sorted(starts):
            yield Line(block.offset + start, _line_at(block, start))
        _check_ending(path, header, block)


def _blocks(path: Path, header: Header) -> Iterator[Block]:
    """The file block by block through one buffer; only the last line may lack its line end."""
    start, mark = header.length, header.end
    buffer, kept, offset = bytearray(BLOCK_BYTES), 0, start
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while read := file.readinto(memoryview(buffer)[kept:]):
            filled = kept + read
            end = buffer.rfind(mark, 0, filled) + 1
            if not end and filled == len(buffer):
                line = line_number(path, offset, mark)
                raise refusal(path, "no line end", f"not a list of rows: {AGAIN}", line=line)
            yield Block(offset, buffer, end, mark)
            kept, offset = filled - end, offset + end
            buffer[:kept] = buffer[end:filled]
    yield Block(offset, buffer, kept, mark)


def _line_starts(block: Block, needle: bytes) -> Iterator[int]:
    found = block.buffer.find(needle, 0, block.end)
    while found >= 0:
        yield block.buffer.rfind(block.line_end, 0, found) + 1
        found = block.buffer.find(needle, _line_end(block, found), block.end)


def _line_end(block: Block, start: int) -> int:
    end = block.buffer.find(block.line_end, start, block.end)
    return end if end >= 0 else block.end


def _line_at(block: Block, start: int) -> bytes:
    return bytes(block.buffer[start : _line_end(block, start)])


def _check_ending(path: Path, header: Header, block: Block) -> None:
    if not block.end or block.buffer[block.end - 1] == ord(block.line_end):
        return
    text = bytes(block.buffer[: block.end]).decode(header.charset, "replace")
    if text.count('"') % 2 or len(next(csv.reader([text]))) < len(header.columns):
        line = line_number(path, block.offset, block.line_end)
        advice = f"the file breaks off in the middle of a row: {AGAIN}"
        raise refusal(path, text, advice, line=line, column=header.columns[0])


def line_number(path: Path, offset: int, line_end: bytes = b"\n") -> int:
    """The number, from 1, of the line that begins at byte `offset`."""
    count, left = 1, offset
    with path.open("rb") as file:
        while left > 0 and (chunk := file.read(min(BLOCK_BYTES, left))):
            count, left = count + chunk.count(line_end), left - len(chunk)
    return count
