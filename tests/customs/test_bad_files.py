"""Every bad file gets one message: file, line, column, what was found, what to do."""

import pytest
from contracts import TableError
from tradedata.customs.reading import read_customs

OLD_HEADER = "年月,商品代码,商品名称,国别代码,国别名称,数量,计量单位,金额"


def message(path) -> str:
    with pytest.raises(TableError) as error:
        read_customs(path)
    text = str(error.value)
    assert text.startswith(f"{path}:")
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("change", "column", "found", "advice"),
    [
        ({"kilograms": "-5"}, "第一数量", "'-5'", "cannot be negative"),
        (
            {"kilograms": "246,000,000"},
            "第一数量",
            "'246,000,000'",
            "more kilograms than the world",
        ),
        ({"kilograms": ""}, "第一数量", "''", "needs a number of kilograms"),
        ({"kilograms": "24,60"}, "第一数量", "'24,60'", "needs a number of kilograms"),
        ({"kilograms": "nan"}, "第一数量", "'nan'", "needs a number of kilograms"),
        ({"kilograms": "２４６"}, "第一数量", "'２４６'", "full-width digits"),
        ({"unit": "个"}, "第一计量单位", "'个'", "needs kilograms"),
        ({"month": "2025"}, "数据年月", "'2025'", "a whole year"),
        ({"month": "202513"}, "数据年月", "'202513'", "needs a month as YYYYMM"),
        ({"month": "２０２５０４"}, "数据年月", "'２０２５０４'", "full-width digits"),
        ({"product": "８５０５１１１０"}, "商品编码", "'８５０５１１１０'", "full-width digits"),
        ({"month": "209912"}, "数据年月", "'209912'", "a month still to come"),
        ({"product": "8505.1110"}, "商品编码", "'8505.1110'", "as a spreadsheet writes it"),
        ({"product": "'85051110"}, "商品编码", '"\'85051110"', "as a spreadsheet writes it"),
        ({"product": "8.51E+07"}, "商品编码", "'8.51E+07'", "as a spreadsheet writes it"),
        ({"partner": ""}, "贸易伙伴名称", "''", "no name"),
        ({"partner": "欧盟", "code": "999"}, "贸易伙伴名称", "'欧盟'", "a sum of partners"),
        ({"code": ""}, "贸易伙伴编码", "''", "partner code"),
        ({"partner": "德国"}, "贸易伙伴名称", "'德国'", "line 2 calls code 502 '美国'"),
    ],
)
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_a_wrong_cell(download, row, change, column, found, advice, encoding):
    rows = [row(month="202501"), row(month="202502", product="28461090"), row(**change)]
    text = message(download(rows, encoding=encoding))
    assert f": line 4, column {column}: found {found}; " in text
    assert advice in text


def test_a_repeated_row(download, row):
    rows = [row(), row(month="202505"), row()]
    text = message(download(rows))
    assert "line 4, column 第一数量: found '202504 美国 246,000 kg'" in text
    assert "the same row as line 2: delete one" in text


def test_a_month_twice_with_different_values(download, row):
    rows = [row(), row(month="202505"), row(kilograms="247,000")]
    text = message(download(rows))
    assert "line 4, column 第一数量: found '202504 美国 247,000 kg'" in text
    assert "line 2 says 246,000 kg for the same month and partner" in text


def test_another_product(download, row):
    text = message(download([row(product="85051190")]))
    assert "line 2, column 商品编码: found '85051190'; no row is of product 85051110" in text


def test_an_older_header(download, row):
    text = message(download([row()], OLD_HEADER.replace("年月", "数据年月", 1)))
    assert "line 1, column 2: found '商品代码'; not a column of today's customs query page" in text


def test_a_header_of_something_else(download, row):
    assert "line 1: found" in message(download([row()], "a,b,c"))


def test_a_download_without_partners(download):
    text = message(download(["202504,85051110,1,千克"], "数据年月,商品编码,第一数量,第一计量单位"))
    assert "column 贸易伙伴编码" in text
    assert "output field" in text


def test_a_column_twice(download, row):
    header = "数据年月,商品编码,商品编码,贸易伙伴编码,贸易伙伴名称,第一数量,第一计量单位"
    assert "line 1, column 3: found '商品编码'; the column stands there twice" in message(
        download([row()], header)
    )


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "the file is empty"),
        (b"\r\n\r\n", "the file is empty"),
        (b"<!DOCTYPE html><html><body>412</body></html>", "a web page, not a CSV"),
        (b"\xef\xbb\xbf\n <html>", "a web page, not a CSV"),
        (b"PK\x03\x04xl/workbook.xml", "an Excel workbook"),
        ("数据年月,商品编码".encode("utf-16"), "UTF-16"),
        (
            "数据年月,商品编码".encode("euc-kr", "replace") + b"\xff\xff",
            "neither UTF-8 nor GB18030",
        ),
        (
            "数据年月,商品编码\n".encode("gb18030").decode("latin-1").encode(),
            "encoding was changed",
        ),
    ],
)
def test_not_a_download(tmp_path, content, advice):
    path = tmp_path / "download.csv"
    path.write_bytes(content)
    text = message(path)
    assert ": line 1: found" in text
    assert advice in text


def test_rows_in_another_encoding_than_the_header(download, row):
    path = download([row(), row(month="202505")], encoding="utf-8")
    lines = path.read_bytes().split(b"\r\n")
    lines[2] = lines[2].decode().encode("gb18030")
    path.write_bytes(b"\r\n".join(lines))
    text = message(path)
    assert "line 3: found" in text
    assert "bytes that are not UTF-8" in text


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_file_that_breaks_off_anywhere_in_its_last_row(download, row, encoding):
    path = download([row(), row(month="202505")], encoding=encoding)
    content = path.read_bytes()
    last = content.rstrip(b"\r\n").rfind(b"\n") + 1
    for end in range(last + 1, len(content) - 3):
        path.write_bytes(content[:end])
        assert "line 3, column 数据年月" in message(path)
        assert "breaks off in the middle of a row" in message(path)


@pytest.mark.parametrize("place", [4, -4])
def test_a_line_end_within_a_line(download, row, place):
    """In the header, and in the last line, which may lack its own."""
    path = download([row()])
    content = path.read_bytes().rstrip(b"\r\n")
    path.write_bytes(content[:place] + b"\r" + content[place:])
    assert f"line {1 if place > 0 else 2}: found" in message(path)
    assert "a line end within a line" in message(path)


def test_a_header_without_rows(download):
    assert "line 2: found ''; there are no rows below the header" in message(download([]))


def test_a_row_of_too_many_columns(download, row):
    assert "line 2: found" in message(download([row() + "1,2"]))


def test_no_line_ends(download, monkeypatch):
    path = download(["x" * 5000], end="\n")
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    monkeypatch.setattr("tradedata.customs.reading.LONGEST_LINE", 1000)
    assert "line 2: found 'no line end'" in message(path)
