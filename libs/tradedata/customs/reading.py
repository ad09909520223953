"""One download → checked rows: month, partner and kilograms of one product.

A download may hold millions of rows of other products. Its lines are read one by one, as bytes
(Latin-1 maps each to a character and back), and only those that hold the product's code are
decoded: in GB18030 a digit byte can be part of another character, so a line that holds the code by
chance is sorted out when its columns are read.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from contracts import TableError

from tradedata.customs.checking import (
    AGAIN,
    KNOWN,
    MISSING,
    MODE,
    MONTH,
    NEEDED,
    PARTNER,
    PARTNER_CODE,
    PRODUCT,
    PROVINCE,
    QUANTITY,
    cell_problems,
    refusal,
    row_problems,
)

HS = "85051110"
"""Rare-earth permanent magnets in China's tariff."""
LONGEST_LINE = 1 << 16
"""A file without a line end in so many bytes is no list of rows."""
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
NOT_CSV = {
    b"PK\x03\x04": "this is an Excel workbook: save the CSV that the page offers",
    b"%PDF": "this is a PDF: save the CSV that the page offers",
    codecs.BOM_UTF16_LE: f"this is UTF-16, not GB18030 or UTF-8: {AGAIN}",
    codecs.BOM_UTF16_BE: f"this is UTF-16, not GB18030 or UTF-8: {AGAIN}",
}


@dataclass(frozen=True)
class Header:
    """The first line of a download: the encoding of its rows, its columns, what ends a line."""

    charset: str
    columns: tuple[str, ...]
    line_end: str


def read_customs(path: Path, product: str = HS) -> pd.DataFrame:
    """The rows of `product` in a download: one row a month, partner and further detail.

    Columns: month (Timestamp), partner_code, partner, kilograms, and mode and province where the
    file has them. Memory grows with the product's rows, not with the file. Raises TableError with
    the file, line, column and what to do when anything about them is not as it should be.
    """
    texts = _product_rows(path, read_header(path), product)
    for line, column, found, advice in cell_problems(texts):
        raise refusal(path, found, advice, line, column)
    rows = _tidy(texts)
    for line, column, found, advice in row_problems(rows):
        raise refusal(path, found, advice, line, column)
    return rows.reset_index(drop=True)


def read_header(path: Path) -> Header:
    """Recognise the download at `path` by its first line, or raise TableError."""
    with path.open("rb") as file:
        start = file.read(LONGEST_LINE)
    _refuse_other_kinds(path, start)
    line_end = "\r" if b"\r" in start and b"\n" not in start else "\n"
    encoding, text = _decode(path, start.partition(line_end.encode())[0])
    columns = tuple(name.strip() for name in _split(path, 1, text))
    _check_columns(path, columns)
    return Header(encoding.removesuffix("-sig"), columns, line_end)


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    if not start.strip():
        raise refusal(path, "", f"the file is empty: {AGAIN}", line=1)
    for mark, advice in NOT_CSV.items():
        if start.startswith(mark):
            raise refusal(path, mark.decode("latin-1"), advice, line=1)
    text = start.removeprefix(codecs.BOM_UTF8).strip()
    if text[:1] == b"<":
        advice = "this is a web page, not a CSV: the query had expired or was refused; run it again"
        raise refusal(path, text[:40].decode("ascii", "replace"), advice, line=1)


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


def _product_rows(path: Path, header: Header, product: str) -> pd.DataFrame:
    """The cells of the product's rows as printed, under the file's columns, by line number."""
    codes = (product, product.translate(FULL_WIDTH))
    dots = f"{product[:4]}.{product[4:]}", f"{product[:4]}.{product[4:6]}.{product[6:]}"
    damaged = (f"'{product}", f"{product}.0", *dots, f"{int(product):.2E}")
    needles = [code.encode(header.charset).decode("latin-1") for code in (*codes, *damaged)]
    place = header.columns.index(PRODUCT)
    found = {}
    for number, line in _lines(path, header):
        if any(needle in line for needle in needles):
            row = _row(path, header, number, line)
            if row[place] in codes:
                found[number] = row
            elif row[place] in damaged:
                advice = f"the code {product} as a spreadsheet writes it: {AGAIN}"
                raise refusal(path, row[place], advice, number, PRODUCT)
    if not found:
        raise _other_product(path, header, product)
    columns = list(header.columns)
    return pd.DataFrame.from_dict(found, orient="index", columns=columns, dtype=str)


def _lines(path: Path, header: Header) -> Iterator[tuple[int, str]]:
    """The lines below the header with their numbers, each byte as a character."""
    with path.open(encoding="latin-1", newline=header.line_end) as file:
        file.readline()
        number = 1
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise refusal(path, "no line end", f"not a list of rows: {AGAIN}", line=number)
            _check_ending(path, header, number, line)
            yield number, line


def _row(path: Path, header: Header, number: int, line: str) -> list[str]:
    try:
        text = line.encode("latin-1").decode(header.charset)
    except UnicodeDecodeError as error:
        found = error.object[error.start :][:4].hex(" ")
        advice = f"bytes that are not {header.charset.upper()}: {AGAIN}"
        raise refusal(path, found, advice, number) from None
    row = [cell.strip() for cell in _split(path, number, text)]
    if len(row) != len(header.columns):
        advice = f"the row has {len(row)} columns, the header {len(header.columns)}: {AGAIN}"
        raise refusal(path, text.strip(), advice, number)
    return row


def _split(path: Path, number: int, text: str) -> list[str]:
    """The cells of a line, or TableError where it cannot be a whole one."""
    text = text.strip("\r\n")
    marks = {"\0": "a NUL byte", "\r": "a line end within a line", "\n": "a line end within a line"}
    what = next((what for mark, what in marks.items() if mark in text), "")
    if what or text.count('"') % 2:
        what = what or "a quotation mark that does not close"
        raise refusal(path, text.strip("\0"), f"{what}: {AGAIN}", number)
    return next(csv.reader([text]), [])


def _check_ending(path: Path, header: Header, number: int, line: str) -> None:
    """Only the last line may lack its line end, and must be whole."""
    if line.endswith(header.line_end):
        return
    text = line.encode("latin-1").decode(header.charset, "replace")
    if text.count('"') % 2 or len(_split(path, number, text)) < len(header.columns):
        advice = f"the file breaks off in the middle of a row: {AGAIN}"
        raise refusal(path, text, advice, number, header.columns[0])


def _other_product(path: Path, header: Header, product: str) -> TableError:
    first = next(_lines(path, header), None)
    if not first or not first[1].strip():
        return refusal(path, "", f"there are no rows below the header: {AGAIN}", line=2)
    row = _split(path, 2, first[1].encode("latin-1").decode(header.charset, "replace"))
    place = header.columns.index(PRODUCT)
    found = row[place] if place < len(row) else first[1]
    advice = f"no row is of product {product}: ask the page for that code"
    return refusal(path, found, advice, line=2, column=PRODUCT)


def _tidy(texts: pd.DataFrame) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "month": pd.to_datetime(texts[MONTH], format="%Y%m").astype("datetime64[ns]"),
            "partner_code": texts[PARTNER_CODE],
            "partner": texts[PARTNER],
            "kilograms": texts[QUANTITY].str.replace(",", "", regex=False).astype(float),
        }
    )
    for name, columns in (("mode", MODE), ("province", PROVINCE)):
        present = [column for column in columns if column in texts]
        if present:
            rows[name] = texts[present[0]].str.cat(texts[present[1:]], sep=" ")
    return rows
