"""Reading one product from a full customs dump: `python benchmarks/customs.py 2000000 20000000`.

Writes a GB18030 dump of as many rows (every product, partner, trade mode and province of a year),
sums one product by month and partner with `read_customs` and with `pandas.read_csv`, each in its
own process, and prints seconds, peak memory and their ratios. The same rows are then converted to a
folder of parquet files and scanned there. Dump and folder are deleted afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import product as every
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tradedata.customs.reading import HS, read_customs

HEADER = (
    "数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称,贸易方式编码,贸易方式名称,"
    "注册地编码,注册地名称,第一数量,第一计量单位,第二数量,第二计量单位,美元,\r\n"
)
MONTHS = tuple(f"2025{month:02}" for month in range(1, 13))
PARTNERS = tuple((f"{100 + n}", f"伙伴国家{n:03}") for n in range(240))
MODES = tuple((f"{10 + n}", f"贸易方式第{n:02}种") for n in range(18))
PROVINCES = tuple((f"{1100 + n}", f"某省某市{n:02}") for n in range(31))
NAMES = ("其他集成电路", "装有点燃往复式活塞发动机的小轿车", "棉制针织或钩编的T恤衫", "钕铁硼粉")
UNITS = ("千克", "台", "个", "件", "平方米")
ONE_IN = 2_000
"""One row in as many is of the product: a year's 20 million rows over some 8,000 products."""
POOL = 50_000


def write_dump(path: Path, rows: int) -> None:
    """Write a dump of about `rows` rows, month after month."""
    chance = random.Random(rows)
    lines = [f"{_other(chance)}\r".encode("gb18030") for _ in range(POOL)]
    with path.open("wb") as file:
        file.write(HEADER.encode("gb18030"))
        for month in MONTHS:
            begin = f"{month},".encode()
            for magnet in _magnets(chance, rows // len(MONTHS) // ONE_IN):
                start = chance.randrange(POOL - ONE_IN)
                chunk = [magnet, *lines[start + 1 : start + ONE_IN]]
                file.write(b"".join(begin + line + b"\n" for line in chunk))


def _other(chance: random.Random) -> str:
    code = chance.randrange(1_012_100, 98_039_999)
    code += code == int(HS)
    return _row(chance, f"{code:08}", chance.choice(NAMES), chance.choice(UNITS), _detail(chance))


def _detail(chance: random.Random) -> tuple[tuple[str, str], ...]:
    return tuple(chance.choice(values) for values in (PARTNERS, MODES, PROVINCES))


def _magnets(chance: random.Random, count: int) -> Iterator[bytes]:
    details = list(every(PARTNERS, MODES, PROVINCES))
    for detail in chance.sample(details, count):
        yield f"{_row(chance, HS, '稀土的永磁体', '千克', detail)}\r".encode("gb18030")


def _row(
    chance: random.Random, code: str, name: str, unit: str, detail: tuple[tuple[str, str], ...]
) -> str:
    quantity, value = chance.randrange(100_000), chance.randrange(10_000_000)
    flat = ",".join(part for pair in detail for part in pair)
    return f'{code},{name},{flat},"{quantity:,}",{unit},0,,"{value:,}",'


def ours(path: Path) -> pd.Series:
    """Kilograms by month and partner, read by this repository."""
    return read_customs(path).groupby(["month", "partner"])["kilograms"].sum()


def from_folder(path: Path) -> pd.Series:
    """The same out of the folder of parquet files beside the dump."""
    from tradedata.customs.dumps import extract_product  # its libraries count as its memory

    target = path.with_name("product.csv")
    extract_product(str(folder_of(path)), target)
    return ours(target)


def folder_of(path: Path) -> Path:
    """Where the parquet files of a dump lie."""
    return path.with_suffix("")


def convert(path: Path) -> None:
    """Write the dump as a folder of parquet files, every column as text."""
    import pyarrow as pa
    import pyarrow.csv as pv
    import pyarrow.dataset as ds

    names = [name for name in HEADER.strip().split(",") if name]
    texts = pv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), include_columns=names)
    rows = pv.open_csv(path, pv.ReadOptions(encoding="gb18030"), convert_options=texts)
    ds.write_dataset(rows, folder_of(path), format="parquet", max_rows_per_file=5_000_000)


def plain_pandas(path: Path) -> pd.Series:
    """The same by read_csv and a group-by, as one would write it."""
    return _grouped(pd.read_csv(path, encoding="gb18030", thousands=","))


def frugal_pandas(path: Path) -> pd.Series:
    """The same by read_csv, told which columns to keep."""
    columns = ["数据年月", "商品编码", "贸易伙伴名称", "第一数量"]
    return _grouped(pd.read_csv(path, encoding="gb18030", thousands=",", usecols=columns))


def _grouped(frame: pd.DataFrame) -> pd.Series:
    sums = frame[frame["商品编码"] == int(HS)].groupby(["数据年月", "贸易伙伴名称"])
    return sums["第一数量"].sum()


SIDES: dict[str, Callable[[Path], pd.Series]] = {
    "read_customs": ours,
    "folder of parquet": from_folder,
    "pandas.read_csv": plain_pandas,
    "pandas.read_csv, four columns": frugal_pandas,
}


def measure(side: str, path: Path) -> dict[str, float]:
    """Run one side in a fresh process: seconds of the call, peak memory in MB, and its result."""
    command = [sys.executable, __file__, "--side", side, "--dump", str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(ended.stdout))


def run_side(side: str, path: Path) -> None:
    """What the fresh process does."""
    import resource

    started = time.perf_counter()
    sums = SIDES[side](path)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"seconds": seconds, "peak_mb": peak, "cells": len(sums), "kg": float(sums.sum())}
    print(json.dumps(found))


def compare(rows: int, folder: Path) -> list[str]:
    """The lines of the table for a dump of `rows` rows."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / "dump.csv"
        write_dump(path, rows)
        gigabytes = path.stat().st_size / 1e9
        started = time.perf_counter()
        convert(path)
        converting = time.perf_counter() - started
        found = {side: measure(side, path) for side in SIDES}
    results = {(side["cells"], side["kg"]) for side in found.values()}
    if len(results) != 1:
        raise SystemExit(f"the sides disagree: {found}")
    best = found["read_customs"]
    note = f"(converting to parquet took {converting / best['seconds']:.0f} times as long)"
    return [
        f"| {rows:,} ({gigabytes:.2f} GB) | {name} | {side['seconds']:.2f} | "
        f"{side['peak_mb']:,.0f} | {side['seconds'] / best['seconds']:.1f} | "
        f"{side['peak_mb'] / best['peak_mb']:.1f} | {rows / side['seconds'] / 1e6:.2f} |"
        for name, side in found.items()
    ] + [note]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[2_000_000])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--dump", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        run_side(given.side, given.dump)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ")
    print(f"pandas {pd.__version__}; the dump is in the page cache for every side\n")
    print("| rows | side | s | peak MB | times as long | times the memory | million rows/s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for rows in given.rows:
        print("\n".join(compare(rows, given.folder)), flush=True)


if __name__ == "__main__":
    main()
