"""Downloads in the documented format come back as they were written."""

import csv
import io
from pathlib import Path

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from tradedata.customs import reading
from tradedata.customs.reading import read_customs

PARTNERS = {"502": "美国", "304": "德国", "116": "日本", "133": "韩国", "701": "国(地)别不详的"}
FIELDS = "数据年月,商品编码,商品名称,贸易伙伴编码,贸易伙伴名称"
QUANTITIES = "第一数量,第一计量单位,第二数量,第二计量单位"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("closing", [",美元", ",人民币", ",人民币,"])
def test_every_documented_form_is_read(download, encoding, end, closing):
    rest = ',"1,234",' if closing.endswith(",") else ',"1,234"'
    rows = [
        f'202504,85051110,永磁体,502,美国,"1,246,000",千克,0,{rest}',
        f"202505,85051110,永磁体,304,德国,17,千克,0,{rest}",
    ]
    path = download(rows, f"{FIELDS},{QUANTITIES}{closing}", encoding, end=end)
    found = read_customs(path)
    assert found["month"].tolist() == [pd.Timestamp("2025-04-01"), pd.Timestamp("2025-05-01")]
    assert found["kilograms"].tolist() == [1246000.0, 17.0]
    assert found["partner_code"].tolist() == ["502", "304"]
    assert found["partner"].tolist() == ["美国", "德国"]


def test_trade_modes_and_provinces_stay_apart(download):
    header = f"{FIELDS},贸易方式编码,贸易方式名称,注册地编码,注册地名称,{QUANTITIES},美元,"
    start = "202504,85051110,永磁体,502,美国"
    rows = [
        f'{start},10,一般贸易,3302,宁波市,"1,000",千克,0,,"5",',
        f'{start},10,一般贸易,4403,深圳市,"2,000",千克,0,,"5",',
        f"{start},15,进料加工贸易,3302,宁波市,300,千克,0,,5,",
    ]
    found = read_customs(download(rows, header))
    assert found["kilograms"].tolist() == [1000.0, 2000.0, 300.0]
    assert found["mode"].tolist() == ["10 一般贸易", "10 一般贸易", "15 进料加工贸易"]
    assert found["province"].tolist() == ["3302 宁波市", "4403 深圳市", "3302 宁波市"]


def test_other_products_are_left_out_even_where_the_code_stands_by_chance(download, row):
    rows = [
        row(product="85051190", kilograms="1"),
        row(),
        row(product="28461090", code="304", partner="德国", kilograms="85051110"),
        row(product="8505111099", code="304", partner="德国"),
        row(product="72024100", unit="个"),
    ]
    found = read_customs(download(rows))
    assert found["kilograms"].tolist() == [246000.0]


def test_digits_inside_four_byte_characters_are_no_code(download, row):
    # GB18030 writes U+3400..U+4DB5 in four bytes whose second and fourth are ASCII digits
    rare = "".join(map(chr, range(0x3400, 0x3500)))
    rows = [row(), row(product="28461090", partner=rare), row(month="202505", partner="美国")]
    found = read_customs(download(rows))
    assert found["month"].dt.month.tolist() == [4, 5]


def test_a_last_line_without_a_line_end_is_read(download, row):
    path = download([row(), row(month="202505")])
    path.write_bytes(path.read_bytes().removesuffix(b"\r\n"))
    assert len(read_customs(path)) == 2


def test_lines_on_the_edge_of_blocks_are_whole(download, row, monkeypatch):
    rows = [row(month=f"2024{month:02}", kilograms=str(month)) for month in range(1, 13)]
    path = download(rows)
    whole = read_customs(path)
    longest = max(map(len, path.read_bytes().split(b"\n"))) + 1
    for size in range(longest, 4 * longest, 7):
        monkeypatch.setattr(reading, "LONGEST_LINE", size)
        pd.testing.assert_frame_equal(read_customs(path), whole)


@st.composite
def contents(draw):
    keys = draw(
        st.lists(
            st.tuples(
                st.dates(pd.Timestamp("2015-01-01").date(), pd.Timestamp("2026-10-01").date()).map(
                    lambda day: f"{day:%Y%m}"
                ),
                st.sampled_from(sorted(PARTNERS)),
            ),
            min_size=1,
            max_size=30,
            unique=True,
        )
    )
    kilograms = [draw(st.integers(0, reading.MOST_KILOGRAMS)) for _ in keys]
    noise = st.text(st.characters(codec="gb18030", exclude_categories=("C", "Z")), max_size=8)
    return [
        (month, code, kg, draw(noise)) for (month, code), kg in zip(keys, kilograms, strict=True)
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(contents(), st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]), st.booleans())
def test_what_is_written_is_read(tmp_path: Path, rows, encoding, commas):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*FIELDS.split(","), *QUANTITIES.split(","), "人民币", ""])
    for month, code, kg, noise in rows:
        number = f"{kg:,}" if commas else str(kg)
        cells = (month, "85051110", noise, code, PARTNERS[code], number, "千克", "", "", "1", "")
        writer.writerow(cells)
        writer.writerow(
            (month, "28461090", noise, code, PARTNERS[code], number, "个", "", "", "", "")
        )
    path = tmp_path / "download.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    found = read_customs(path)
    assert [
        (f"{row.month:%Y%m}", row.partner_code, row.partner, row.kilograms)
        for row in found.itertuples()
    ] == [(month, code, PARTNERS[code], kg) for month, code, kg, _ in rows]
