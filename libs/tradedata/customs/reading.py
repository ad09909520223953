"""One download → checked rows: month, partner and kilograms of one product.

A download may hold millions of rows of other products. Its lines are read one by one, as bytes
(Latin-1 maps each to a character and back), and only those that hold the product's code are
decoded: in GB18030 a digit byte can be part of another character, so a line that holds the code by
chance is sorted out when its columns are read.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pandas as pd
from contracts import TableError, load_beside

from tradedata.customs.partners import is_group

MONTH = "数据年月"
PRODUCT = "商品编码"
PARTNER_CODE = "贸易伙伴编码"
PARTNER = "贸易伙伴名称"
QUANTITY = "第一数量"
UNIT = "第一计量单位"
MODE = ("贸易方式编码", "贸易方式名称")
PROVINCE = ("注册地编码", "注册地名称")
TABLES = load_beside(__file__)
"""What the columns and cells of a download must be."""
MISSING: dict[str, str] = TABLES["needed"]
"""The columns a download needs, and what to do about each that is not there."""
NEEDED = tuple(MISSING)
KNOWN = frozenset((*NEEDED, *TABLES["other"]))
AGAIN: str = TABLES["again"]
MOST_KILOGRAMS = 20_000_000
"""Three times what the whole world took in the largest month published."""
CHINA = "中国"
IMPORTS = (
    "these are imports: goods that come back to China count as imports from China, and no export "
    "goes there; ask the page for exports (出口)"
)

SHOWN = 60
"""At most this many characters of a wrong value are printed."""
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
WEB_PAGE = "this is a web page, not a CSV: the query had expired or was refused; run it again"
BROKEN = {
    "\0": "a NUL byte",
    "\r": "a line end within a line",
    "\n": "a line end within a line",
}


def read_customs(path: Path, product: str = HS) -> pd.DataFrame:
    """The rows of `product` in a download: one row a month, partner and further detail.

    Columns: month (Timestamp), partner_code, partner, kilograms, and mode and province where the
    file has them. Memory grows with the product's rows, not with the file. Raises TableError with
    the file, line, column and what to do when anything about them is not as it should be.
    """
    texts = Download(path).rows_of(product)
    for line, column, found, advice in cell_problems(texts):
        raise refusal(path, found, advice, line, column)
    rows = _tidy(texts)
    for line, column, found, advice in row_problems(rows):
        raise refusal(path, found, advice, line, column)
    return rows.reset_index(drop=True)


class Download:
    """A download, known by its first line: the encoding of its rows, its columns, its line end."""

    def __init__(self, path: Path) -> None:
        """Read the first line; TableError for a file of another kind."""
        self.path = path
        with path.open("rb") as file:
            start = file.read(LONGEST_LINE)
        self._refuse_other_kinds(start)
        self.line_end = "\r" if b"\r" in start and b"\n" not in start else "\n"
        self.charset, text = self._decode(start.partition(self.line_end.encode())[0])
        self.columns = [name.strip() for name in self._split(1, text)]
        self._check_columns()

    def rows_of(self, product: str) -> pd.DataFrame:
        """The cells of the product's rows as printed, under the file's columns, by line number."""
        codes = (product, product.translate(FULL_WIDTH))
        dots = f"{product[:4]}.{product[4:]}", f"{product[:4]}.{product[4:6]}.{product[6:]}"
        damaged = (f"'{product}", f"{product}.0", *dots, f"{int(product):.2E}")
        needles = [code.encode(self.charset).decode("latin-1") for code in (*codes, *damaged)]
        place = self.columns.index(PRODUCT)
        found = {}
        for number, line in self._lines():
            if any(needle in line for needle in needles):
                row = self._row(number, line)
                if row[place] in codes:
                    found[number] = row
                elif row[place] in damaged:
                    advice = f"the code {product} as a spreadsheet writes it: {AGAIN}"
                    raise refusal(self.path, row[place], advice, number, PRODUCT)
        if not found:
            raise self._other_product(product)
        return pd.DataFrame.from_dict(found, orient="index", columns=self.columns, dtype=str)

    def _refuse_other_kinds(self, start: bytes) -> None:
        if not start.strip():
            raise refusal(self.path, "", f"the file is empty: {AGAIN}", line=1)
        for mark, advice in NOT_CSV.items():
            if start.startswith(mark):
                raise refusal(self.path, mark.decode("latin-1"), advice, line=1)
        text = start.removeprefix(codecs.BOM_UTF8).strip()
        if text[:1] == b"<":
            found = text[:40].decode("ascii", "replace")
            raise refusal(self.path, found, WEB_PAGE, line=1)

    def _decode(self, first_line: bytes) -> tuple[str, str]:
        """The encoding of the rows, and the first line."""
        marked = first_line.startswith(codecs.BOM_UTF8)
        for name in ("utf-8",) if marked else ("utf-8", "gb18030"):
            with suppress(UnicodeDecodeError):
                return name, first_line.removeprefix(codecs.BOM_UTF8).decode(name)
        advice = f"the header is neither UTF-8 nor GB18030: {AGAIN}"
        raise refusal(self.path, first_line[:12].decode("latin-1"), advice, line=1)

    def _check_columns(self) -> None:
        named = self.columns[:-1] if self.columns and self.columns[-1] == "" else self.columns
        if not KNOWN & set(named):
            advice = f"not a header of the customs query page, or its encoding was changed: {AGAIN}"
            raise refusal(self.path, ",".join(self.columns), advice, line=1)
        for number, name in enumerate(named, start=1):
            if name not in KNOWN:
                advice = (
                    "not a column of today's customs query page, which writes "
                    f"{','.join(NEEDED)}: {AGAIN}"
                )
                raise refusal(self.path, name, advice, line=1, column=str(number))
            if named.index(name) + 1 != number:
                advice = f"the column stands there twice: {AGAIN}"
                raise refusal(self.path, name, advice, line=1, column=str(number))
        for name in NEEDED:
            if name not in named:
                raise refusal(self.path, ",".join(self.columns), MISSING[name], 1, name)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """The lines below the header with their numbers, each byte as a character."""
        with self.path.open(encoding="latin-1", newline=self.line_end) as file:
            file.readline()
            number = 1
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise refusal(self.path, "no line end", f"not a list of rows: {AGAIN}", number)
                if not line.endswith(self.line_end):
                    self._require_whole(number, line)
                yield number, line

    def _require_whole(self, number: int, line: str) -> None:
        """Only the last line may lack its line end, and must be whole."""
        text = line.encode("latin-1").decode(self.charset, "replace")
        if text.count('"') % 2 or len(self._split(number, text)) < len(self.columns):
            advice = f"the file breaks off in the middle of a row: {AGAIN}"
            raise refusal(self.path, text, advice, number, self.columns[0])

    def _row(self, number: int, line: str) -> list[str]:
        try:
            text = line.encode("latin-1").decode(self.charset)
        except UnicodeDecodeError as error:
            found = error.object[error.start :][:4].hex(" ")
            advice = f"bytes that are not {self.charset.upper()}: {AGAIN}"
            raise refusal(self.path, found, advice, number) from None
        row = [cell.strip() for cell in self._split(number, text)]
        if len(row) != len(self.columns):
            advice = f"the row has {len(row)} columns, the header {len(self.columns)}: {AGAIN}"
            raise refusal(self.path, text.strip(), advice, number)
        return row

    def _split(self, number: int, text: str) -> list[str]:
        """The cells of a line, or TableError where it cannot be a whole one."""
        text = text.strip("\r\n")
        what = next((what for mark, what in BROKEN.items() if mark in text), "")
        if what or text.count('"') % 2:
            what = what or "a quotation mark that does not close"
            raise refusal(self.path, text.strip("\0"), f"{what}: {AGAIN}", number)
        return next(csv.reader([text]), [])

    def _other_product(self, product: str) -> TableError:
        first = next(self._lines(), None)
        if not first or not first[1].strip():
            return refusal(self.path, "", f"there are no rows below the header: {AGAIN}", line=2)
        row = self._split(2, first[1].encode("latin-1").decode(self.charset, "replace"))
        place = self.columns.index(PRODUCT)
        found = row[place] if place < len(row) else first[1]
        advice = f"no row is of product {product}: ask the page for that code"
        return refusal(self.path, found, advice, line=2, column=PRODUCT)


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


Problem = tuple[int, str, str, str]
"""A cell that cannot be right: its row (the line of the file), column, what was found, advice."""


def cell_problems(texts: pd.DataFrame) -> Iterator[Problem]:
    """The cells that break a rule; `texts` are the rows as printed, by line of the file."""
    for rule in TABLES["rules"]:
        cells, form = texts[rule["column"]], rule.get("needs") or rule["refuses"]
        fits = {text: bool(re.fullmatch(form, text)) for text in cells.unique()}
        for line, text in cells[cells.map(fits) != ("needs" in rule)].items():
            yield int(str(line)), rule["column"], text, rule["else"].format(again=AGAIN)


def row_problems(rows: pd.DataFrame) -> Iterator[Problem]:
    """Quantities, partners and repetitions that cannot be right, in rows by line of the file."""
    for line, kilograms in rows.loc[rows["kilograms"] > MOST_KILOGRAMS, "kilograms"].items():
        advice = f"more kilograms than the world takes in a month: another unit, or a slip: {AGAIN}"
        yield int(str(line)), QUANTITY, f"{kilograms:,.0f}", advice
    to_come = rows["month"] > pd.Timestamp.today() + pd.DateOffset(years=1)
    for line, month in rows.loc[to_come, "month"].items():
        yield int(str(line)), MONTH, f"{month:%Y%m}", f"a month still to come: {AGAIN}"
    first: dict[str, tuple[int, str]] = {}
    for line, code, name in rows[["partner_code", "partner"]].itertuples(name=None):
        if name == CHINA:
            yield line, PARTNER, f"{name}, {code}", IMPORTS
        if is_group(name):
            advice = "a sum of partners: ask the page for single partners, or delete such rows"
            yield line, PARTNER, name, advice
        earlier, known = first.setdefault(code, (line, name))
        if name != known:
            yield line, PARTNER, name, f"line {earlier} calls code {code} {known!r}: {AGAIN}"
    yield from _repeats(rows)


def _repeats(rows: pd.DataFrame) -> Iterator[Problem]:
    key = rows.columns.difference(["partner", "kilograms"]).tolist()
    firsts = rows[~rows.duplicated(key)].reset_index(names="line").set_index(key)
    for row in rows[rows.duplicated(key)].itertuples():
        first = firsts.loc[tuple(getattr(row, name) for name in key)]
        advice = f"the same row as line {first['line']}: delete one of them, or {AGAIN}"
        if first["kilograms"] != row.kilograms:
            value = f"{first['kilograms']:,.0f} kg"
            said = f"line {first['line']} says {value} for the same month and partner"
            advice = f"{said}: {AGAIN}"
        found = f"{row.month:%Y%m} {row.partner} {row.kilograms:,.0f} kg"
        yield int(str(row.Index)), QUANTITY, found, advice


def refusal(
    path: Path, found: str, advice: str, line: int | None = None, column: str | None = None
) -> TableError:
    """The one message a file gets: its name, the place, what was found and what to do."""
    shown = found if len(found) <= SHOWN else f"{found[:SHOWN]}…"
    places = ([f"line {line}"] if line else []) + ([f"column {column}"] if column else [])
    place = f" {', '.join(places)}:" if places else ""
    return TableError(f"{path}:{place} found {shown!r}; {advice}")
