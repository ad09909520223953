"""One product out of a folder of dumps, parquet or CSV, on disk or on object storage.

`python -m tradedata.customs.dumps s3://bucket/customs magnets.csv` writes the product's rows as a
file of the customs query page, which is then added like a download.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from contracts import TableError, replacing
from pyarrow import fs

from analysis.study import ROOT
from tradedata.customs.header import MODE, NEEDED, PRODUCT, PROVINCE, read_header
from tradedata.customs.reading import HS
from tradedata.customs.scanning import scan_lines
from tradedata.customs.stored import Stored

KINDS = (".parquet", ".csv")
ROWS_AT_ONCE = 1 << 16


def extract_product(
    address: str, target: Path, product: str = HS, filesystem: fs.FileSystem | None = None
) -> int:
    """Write the rows of `product` of every file under `address` to `target`; how many there are.

    `address` is a folder, or an address that pyarrow knows (s3://, gs://, hdfs://, file://), or a
    path within `filesystem`. All its files are parquet, every column as text, or all are CSV
    downloads of the same columns. Memory grows with neither. Raises TableError where there is
    nothing to extract, and then writes nothing.
    """
    place, root = (filesystem, address) if filesystem else _place(address)
    kind, files = _files(place, root, address)
    lines = _parquet(place, files, product) if kind == ".parquet" else _csv(place, files, product)
    header = next(lines)
    count = 0
    with replacing(target) as aside, aside.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for row in lines:
            writer.writerow(row)
            count += 1
        if not count:
            raise TableError(f"{address}: none of its {len(files)} files holds product {product}")
    return count


def _place(address: str) -> tuple[fs.FileSystem, str]:
    if "://" not in address:
        return fs.LocalFileSystem(), str((ROOT / address).resolve())
    try:
        place, root = fs.FileSystem.from_uri(address)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise TableError(f"{address}: no address that pyarrow can read: {error}") from None
    return place, root


def _files(place: fs.FileSystem, root: str, address: str) -> tuple[str, list[str]]:
    """The kind of the files under a folder, and their paths in order."""
    try:
        found = place.get_file_info(fs.FileSelector(root, recursive=True))
    except OSError as error:
        raise TableError(f"{address}: cannot be listed: {error}") from None
    paths = sorted(info.path for info in found if info.type == fs.FileType.File)
    kinds = {kind: [path for path in paths if path.endswith(kind)] for kind in KINDS}
    (kind, files), *others = [(kind, files) for kind, files in kinds.items() if files] or [("", [])]
    if not files or others:
        needs = "needs a folder of .parquet or of .csv files, not of both"
        names = ", ".join(PurePosixPath(path).name for path in paths[:3]) or "nothing"
        raise TableError(f"{address}: found {names}; {needs}")
    return kind, files


def _parquet(place: fs.FileSystem, files: list[str], product: str) -> Iterator[list[str]]:
    """The columns that are used, then the product's rows.

    Row groups that cannot hold the product are skipped.
    """
    dumps = ds.dataset(files, filesystem=place, format="parquet")
    for name in NEEDED:
        if name not in dumps.schema.names:
            raise TableError(f"{files[0]}: column {name} is missing: the dump needs it")
        if dumps.schema.field(name).type != pa.string():
            kind = dumps.schema.field(name).type
            raise TableError(f"{files[0]}: column {name}: found {kind}, needs text as printed")
    columns = [name for name in dumps.schema.names if name in (*NEEDED, *MODE, *PROVINCE)]
    yield columns
    wanted = pc.field(PRODUCT) == product
    for batch in dumps.to_batches(columns, filter=wanted, batch_size=ROWS_AT_ONCE):
        yield from map(list, zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _csv(place: fs.FileSystem, files: list[str], product: str) -> Iterator[list[str]]:
    """The header, then the product's rows, found by the same scan as in a single download."""
    first: tuple[str, ...] = ()
    for path in files:
        stored = Stored(place, path)
        header = read_header(stored)
        if not first:
            yield list(header.columns)
        first = first or header.columns
        if header.columns != first:
            raise TableError(f"{path}: its columns are not those of {files[0]}; split the folder")
        for line in scan_lines(stored, header, product):
            text = line.text.decode(header.charset).rstrip("\r\n")
            row = next(csv.reader([text]))
            if row[first.index(PRODUCT)].strip() == product:
                yield row


def main(arguments: list[str] | None = None) -> int:
    """Extract and say how many rows; the exit status is 1 if there are none."""
    parser = argparse.ArgumentParser(prog="python -m tradedata.customs.dumps", description=__doc__)
    parser.add_argument("address", help="a folder, s3://…, gs://…, hdfs://… or file://…")
    parser.add_argument("target", type=Path, help="the file to write")
    parser.add_argument("--product", default=HS)
    given = parser.parse_args(arguments)
    try:
        count = extract_product(given.address, given.target, given.product)
    except (TableError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{count:,} rows of {given.product} written to {given.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
