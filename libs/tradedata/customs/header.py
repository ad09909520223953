"""Recognising a customs download by its first line: its encoding and its columns."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tradedata.customs.refusal import refusal

MONTH = "数据年月"
PRODUCT = "商品编码"
PARTNER_CODE = "贸易伙伴编码"
PARTNER = "贸易伙伴名称"
QUANTITY = "第一数量"
UNIT = "第一计量单位"
MODE = ("贸易方式编码", "贸易方式名称")
PROVINCE = ("注册地编码", "注册地名称")
NEEDED = (MONTH, PRODUCT, PARTNER_CODE, PARTNER, QUANTITY, UNIT)
MISSING = {
    MONTH: "the file is not month by month: ask the page for months (分月展示)",
    PRODUCT: "the column is missing: ask the page for product (商品) as an output field",
    PARTNER_CODE: "the column is missing: ask the page for partner (贸易伙伴) as an output field",
    PARTNER: "the column is missing: ask the page for partner (贸易伙伴) as an output field",
    QUANTITY: "the file holds no quantity, only values: download it again with the first quantity",
    UNIT: "the quantity has no unit, so it may be pieces: download it again with the first unit",
}
"""What to do about each needed column that is not there."""
KNOWN = frozenset(
    (*NEEDED, *MODE, *PROVINCE, "商品名称", "第二数量", "第二计量单位", "人民币", "美元")
)
FIRST_BYTES = 1 << 16
AGAIN = "download the file again from the customs query page and do not open it in between"
NOT_CSV = {
    b"PK\x03\x04": "this is an Excel workbook: save the CSV that the page offers",
    b"%PDF": "this is a PDF: save the CSV that the page offers",
    codecs.BOM_UTF16_LE: f"this is UTF-16, not GB18030 or UTF-8: {AGAIN}",
    codecs.BOM_UTF16_BE: f"this is UTF-16, not GB18030 or UTF-8: {AGAIN}",
}


@dataclass(frozen=True)
class Header:
    """The first line of a download: its encoding, its columns, where the rows begin."""

    encoding: str
    columns: tuple[str, ...]
    length: int
    end: bytes = b"\n"

    @property
    def charset(self) -> str:
        """The encoding of the rows: that of the file without its byte order mark."""
        return self.encoding.removesuffix("-sig")


def read_header(path: Path) -> Header:
    """Recognise the download at `path` by its first line, or raise TableError."""
    with path.open("rb") as file:
        start = file.read(FIRST_BYTES)
    _refuse_other_kinds(path, start)
    end = line_end(start)
    first_line = start.partition(end)[0]
    length = min(len(first_line) + 1, len(start))
    encoding, text = _decode(path, first_line)
    columns = tuple(name.strip() for name in split_row(path, text, lambda: 1))
    _check_columns(path, columns)
    return Header(encoding, columns, length, end)


def line_end(start: bytes) -> bytes:
    """What ends the lines of a file that begins so: a carriage return where there is no other."""
    return b"\r" if b"\r" in start and b"\n" not in start else b"\n"


def split_row(path: Path, text: str, line: Callable[[], int]) -> list[str]:
    """The cells of one line, or TableError where a quotation mark is not closed or NULs occur."""
    text = text.strip("\r\n")
    if text.count('"') % 2 or "\0" in text:
        what = "a NUL byte" if "\0" in text else "a quotation mark that does not close"
        raise refusal(path, text.strip("\0"), f"{what}: {AGAIN}", line=line())
    return next(csv.reader([text]), [])


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    if not start.strip():
        raise refusal(path, "", f"the file is empty: {AGAIN}", line=1)
    for mark, advice in NOT_CSV.items():
        if start.startswith(mark):
            raise refusal(path, mark.decode("latin-1"), advice, line=1)
    if start.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<":
        shown = start.removeprefix(codecs.BOM_UTF8).strip()[:40].decode("ascii", "replace")
        advice = "this is a web page, not a CSV: the query had expired or was refused; run it again"
        raise refusal(path, shown, advice, line=1)


def _decode(path: Path, first_line: bytes) -> tuple[str, str]:
    encoding = "utf-8-sig" if first_line.startswith(codecs.BOM_UTF8) else ""
    for name in (encoding,) if encoding else ("utf-8", "gb18030"):
        try:
            return name, first_line.decode(name)
        except UnicodeDecodeError:
            continue
    advice = f"the header is neither UTF-8 nor GB18030: {AGAIN}"
    raise refusal(path, first_line[:12].decode("latin-1"), advice, line=1)


def _check_columns(path: Path, columns: tuple[str, ...]) -> None:
    named = columns[:-1] if columns and columns[-1] == "" else columns
    if not KNOWN & set(named):
        advice = f"not a header of the customs query page, or its encoding was changed: {AGAIN}"
        raise refusal(path, ",".join(columns), advice, line=1)
    for number, name in enumerate(named, start=1):
        if name not in KNOWN:
            advice = f"not a column of today's customs query page, which writes {','.join(NEEDED)}"
            raise refusal(path, name, f"{advice}: {AGAIN}", line=1, column=str(number))
        if named.index(name) + 1 != number:
            advice = f"the column stands there twice: {AGAIN}"
            raise refusal(path, name, advice, line=1, column=str(number))
    for name in NEEDED:
        if name not in named:
            raise refusal(path, ",".join(columns), MISSING[name], line=1, column=name)
