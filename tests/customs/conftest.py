"""Downloads in the format of China's customs query page, written by hand."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

HEADER = (
    "数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称,"
    "第一数量,第一计量单位,第二数量,第二计量单位,美元,"
)
NAME = "稀土的永磁铁及磁化后准备制永磁铁的物品"

Download = Callable[..., Path]


def customs_row(
    month: str = "202504",
    code: str = "502",
    partner: str = "美国",
    kilograms: str = "246,000",
    product: str = "85051110",
    unit: str = "千克",
) -> str:
    """One row as the page writes it: thousands commas in quotes, an empty last column."""
    return f'{month},{product},{NAME},{code},{partner},"{kilograms}",{unit},0,,"9,876,543",'


@pytest.fixture
def download(tmp_path: Path) -> Download:
    def write(
        rows: Sequence[str],
        header: str = HEADER,
        encoding: str = "gb18030",
        name: str = "downloadData.csv",
        end: str = "\r\n",
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("".join(line + end for line in (header, *rows)).encode(encoding))
        return path

    return write


@pytest.fixture
def row() -> Callable[..., str]:
    return customs_row
