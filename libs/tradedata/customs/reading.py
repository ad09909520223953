"""One download → checked rows: month, partner and kilograms of the product."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd

from tradedata.customs.checking import cell_problems, row_problems
from tradedata.customs.header import (
    AGAIN,
    FIRST_BYTES,
    MODE,
    MONTH,
    PARTNER,
    PARTNER_CODE,
    PRODUCT,
    PROVINCE,
    QUANTITY,
    Header,
    read_header,
    split_row,
)
from tradedata.customs.refusal import refusal
from tradedata.customs.scanning import FULL_WIDTH, Line, line_number, scan_lines

HS = "85051110"
"""Rare-earth permanent magnets in China's tariff."""


def read_customs(path: Path, product: str = HS) -> pd.DataFrame:
    """The rows of `product` in a download: one row a month, partner and further detail.

    Columns: month (Timestamp), partner_code, partner, kilograms, and mode and province where the
    file has them. Memory grows with the product's rows, not with the file. Raises TableError with
    the file, line, column and what to do when anything about them is not as it should be.
    """
    header = read_header(path)
    offsets, texts = _product_rows(path, header, product)

    def line_of(row: int) -> int:
        return line_number(path, offsets[row], header.end)

    for problem in cell_problems(texts):
        line = line_of(problem.row)
        raise refusal(path, problem.found, problem.advice, line, problem.column)
    rows = _tidy(texts)
    for problem in row_problems(rows, line_of):
        line = line_of(problem.row)
        raise refusal(path, problem.found, problem.advice, line, problem.column)
    return rows


def _product_rows(path: Path, header: Header, product: str) -> tuple[list[int], pd.DataFrame]:
    codes = (product, product.translate(FULL_WIDTH))
    place = header.columns.index(PRODUCT)
    lines = list(scan_lines(path, header, product))
    parsed = zip(lines, _parse(path, header, lines), strict=True)
    found = [(line.offset, row) for line, row in parsed if row[place] in codes]
    if not found:
        raise _other_product(path, header, product)
    offsets, rows = zip(*found, strict=True)
    return list(offsets), pd.DataFrame(list(rows), columns=list(header.columns), dtype=str)


def _parse(path: Path, header: Header, lines: list[Line]) -> Iterator[list[str]]:
    for line in lines:
        try:
            text = line.text.decode(header.charset)
        except UnicodeDecodeError as error:
            encoding = header.charset.upper()
            found = error.object[error.start :][:4].hex(" ")
            number = line_number(path, line.offset, header.end)
            raise refusal(path, found, f"bytes that are not {encoding}: {AGAIN}", number) from None
        number_of = partial(line_number, path, line.offset, header.end)
        row = [cell.strip() for cell in split_row(path, text, number_of)]
        if len(row) != len(header.columns):
            number = line_number(path, line.offset, header.end)
            advice = f"the row has {len(row)} columns, the header {len(header.columns)}: {AGAIN}"
            raise refusal(path, text.strip(), advice, number)
        yield row


def _other_product(path: Path, header: Header, product: str) -> Exception:
    with path.open("rb") as file:
        file.seek(header.length)
        text = file.read(FIRST_BYTES).partition(header.end)[0].decode(header.charset, "replace")
    row = split_row(path, text, lambda: 2)
    if not row:
        return refusal(path, "", f"there are no rows below the header: {AGAIN}", line=2)
    place = header.columns.index(PRODUCT)
    found = row[place] if place < len(row) else text
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
