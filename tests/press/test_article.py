"""What a notebook says and shows, as the body of a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from press.article import Article, Heading, UnusableCell
from press.citations import UnknownReference
from press.fragments import inline_html, inline_svg
from press.tables import figure_rows

V4 = nbformat.v4

LINKS = {"02_clean.ipynb": "../data/clean.html"}

SVG = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
     viewBox="0 0 10 10" onload="alert(1)">
 <style>text{fill:red}</style>
 <metadata>made by a machine</metadata>
 <defs><clipPath id="p1"><rect width="1"/></clipPath></defs>
 <script>alert(1)</script>
 <g clip-path="url(#p1)"><use xlink:href="#p1"/><text>a &lt; b</text></g>
 <a href="https://example.org"><image xlink:href="https://example.org/x.png"/></a>
</svg>"""


def shown(*outputs: dict[str, str], lower_by: int = 0) -> tuple[BeautifulSoup, list[Heading]]:
    """The body made of one code cell with these outputs."""
    displayed = [V4.new_output("display_data", data=data) for data in outputs]
    cell = V4.new_code_cell("x = 1", outputs=displayed)
    made = Article([V4.new_notebook(cells=[cell])], lower_by, links=LINKS)
    return BeautifulSoup(made.body, "html.parser"), made.headings


def html_of(html: str) -> str:
    return inline_html(html)[0]


def only(soup: BeautifulSoup, name: str) -> Tag:
    (tag,) = soup.find_all(name)
    assert isinstance(tag, Tag)
    return tag


def test_pictures_of_a_page_do_not_share_names() -> None:
    root = ElementTree.fromstring(inline_svg(SVG, "two bars", "series")[0])
    names = [element.get("id") for element in root.iter() if element.get("id")]
    assert names == ["series-p1"]
    written = ElementTree.tostring(root, encoding="unicode")
    assert 'clip-path="url(#series-p1)"' in written
    assert 'href="#series-p1"' in written


def test_a_picture_is_described_and_brings_nothing_along() -> None:
    written, styles = inline_svg(SVG, 'one "bar" & <two>', "s")
    root = ElementTree.fromstring(written)
    assert (root.get("role"), root.get("aria-label")) == ("img", 'one "bar" & <two>')
    for unwanted in ("<?xml", "example.org", "alert", "machine", "onload"):
        assert unwanted not in written
    assert "a &lt; b" in written
    assert styles == ["text{fill:red}"]


def test_a_style_that_could_end_its_element_is_dropped() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><style>&lt;/style&gt;</style></svg>'
    assert inline_svg(svg, "a", "b")[1] == []


def test_html_keeps_its_table_and_loses_what_could_act() -> None:
    soup = BeautifulSoup(
        html_of(
            "<style>td {color: red}</style><script>alert(1)</script>"
            "<table onclick='x()'><caption>By year</caption>"
            "<thead><tr><th></th><th>2025</th></tr></thead>"
            "<tbody><tr><th>USA</th><td><a href='javascript:x()'>5 &lt; 6</a></td></tr></tbody>"
            "</table><img src='https://example.org/x.png'>"
        ),
        "html.parser",
    )
    assert soup.get_text(" ", strip=True) == "By year 2025 USA 5 < 6"
    assert [header.get("scope") for header in soup.find_all("th")] == ["col", "row"]
    assert only(soup, "table").attrs == {}
    assert only(soup, "a").attrs == {}
    assert (only(soup, "div")["role"], only(soup, "div")["aria-label"]) == ("group", "By year")


def test_a_raw_cell_is_html_that_loses_what_could_act() -> None:
    cell = V4.new_raw_cell("<b>so</b><script>alert(1)</script>")
    assert Article([V4.new_notebook(cells=[cell])]).body.strip() == "<b>so</b>"


def test_columns_of_numbers_are_marked_and_others_are_not() -> None:
    frame = pd.DataFrame({"tonnes": ["−1,078.7", "NaN"], "why": ["5", "so"]}, index=["a", "b"])
    soup = BeautifulSoup(html_of(frame.to_html()), "html.parser")
    assert [cell.get_text() for cell in soup.select(".number")] == ["tonnes", "-1,078.7", "NaN"]


def test_a_picture_shown_twice_has_two_names() -> None:
    soup, _ = shown({"image/svg+xml": SVG, "text/plain": "a"}, {"image/svg+xml": SVG})
    names = [tag["id"] for tag in soup.select("[id]")]
    assert len(set(names)) == len(names) == 4


def test_the_name_of_an_index_stands_among_the_column_names() -> None:
    frame = pd.DataFrame({"tonnes": [5774.0]}, index=pd.Index(["2025-09"], name="month"))
    soup = BeautifulSoup(html_of(frame.to_html()), "html.parser")
    rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in soup.find_all("tr")]
    assert rows == [["month", "tonnes"], ["2025-09", "5774.0"]]


def test_code_is_folded() -> None:
    soup, _ = shown()
    assert only(soup, "details").pre.get_text().strip() == "x = 1"


def test_generated_prose_and_hostile_text() -> None:
    soup, headings = shown({"text/markdown": "## The *fall* of <script>x()</script>\n\n**57 %**"})
    assert only(soup, "strong").get_text() == "57\u00a0%"
    assert not soup.find_all("script")
    assert headings == [Heading(2, "The fall of <script>x()</script>", only(soup, "h2")["id"])]


def test_headings_are_lowered_and_their_anchors_differ() -> None:
    soup, headings = shown({"text/markdown": "# A part"}, {"text/markdown": "# A part"}, lower_by=1)
    anchors = [heading["id"] for heading in soup.find_all("h2")]
    assert len(set(anchors)) == 2
    assert [heading.anchor for heading in headings] == anchors


def test_links_between_notebooks_lead_to_their_pages_and_no_link_is_dead() -> None:
    text = "[one](02_clean.ipynb) [two](../docs/x.md) [three](https://example.org) [four](data:x)"
    soup, _ = shown({"text/markdown": text})
    assert [link["href"] for link in soup.find_all("a")] == [
        "../data/clean.html",
        "https://example.org",
    ]
    assert only(soup, "p").get_text() == "one two three four"


def test_a_link_into_a_page_keeps_its_place() -> None:
    soup, _ = shown({"text/markdown": "[one](02_clean.ipynb#three-figures)"})
    assert only(soup, "a")["href"] == "../data/clean.html#three-figures"


def test_works_are_cited_and_listed_with_the_places_that_do() -> None:
    text = "After [Holm](../docs/references.json#holm-1979). [Again](references.json#holm-1979)."
    made = Article([V4.new_notebook(cells=[V4.new_markdown_cell(text)])])
    soup = BeautifulSoup(made.body, "html.parser")
    assert [link["href"] for link in soup.find_all("a")] == ["#ref-holm-1979"] * 2
    ((work, anchors),) = [(one.work, one.anchors) for one in made.cited]
    assert anchors == [link["id"] for link in soup.find_all("a")]
    assert (work.by, work.where) == (
        "Holm, S. (1979)",
        "Scandinavian Journal of Statistics 6(2), 65–70",
    )


def test_a_work_that_the_list_does_not_have_is_named() -> None:
    cell = V4.new_markdown_cell("[Nobody 1900](../docs/references.json#nobody-1900)")
    with pytest.raises(UnknownReference, match="no work 'nobody-1900', which a text cites"):
        Article([V4.new_notebook(cells=[cell])])


def test_formulas_become_mathml_in_line_and_on_their_own() -> None:
    soup, _ = shown({"text/markdown": "Here $y_t$ is:\n\n$$y_t = \\frac{a}{b}$$\n"})
    first, second = soup.find_all("math")
    assert (first["display"], second["display"]) == ("inline", "block")
    assert [part.get_text() for part in second.find("mfrac").find_all("mi")] == ["a", "b"]
    assert "$" not in soup.get_text()


@pytest.mark.parametrize(
    "latex", [r"\left( y", "<b onclick=alert(1)>", r"\href{javascript:x()}{y}"]
)
def test_formulas_that_are_none_are_text_and_harmless(latex: str) -> None:
    soup, _ = shown({"text/markdown": f"So ${latex}$ it is."})
    assert not soup.find_all("b")
    assert "href" not in str(soup)
    assert soup.get_text().count("it is.") == 1


def test_a_picture_of_unknown_origin_is_described_by_its_text() -> None:
    soup, _ = shown({"image/svg+xml": SVG, "text/plain": "<Figure 1>"})
    assert only(soup, "svg")["aria-label"] == "<Figure 1>"


def test_a_bitmap_has_its_text_as_description() -> None:
    soup, _ = shown({"image/png": "iVBORw0KGgo=\n", "text/plain": "two bars"})
    image: Any = only(soup, "img")
    assert (image["alt"], image["src"]) == ("two bars", "data:image/png;base64,iVBORw0KGgo=")


def test_plain_results_are_escaped() -> None:
    soup, _ = shown({"text/plain": "<b>\x1b[31mred\x1b[0m</b>"})
    assert soup.find_all("pre")[-1].get_text() == "<b>red</b>"


def test_a_page_owes_nothing_to_the_page_before_it() -> None:
    first = shown({"text/markdown": "# A part"}, lower_by=1)
    shown({"image/svg+xml": SVG}, {"text/markdown": "# A part\n\n# Another"})
    again = shown({"text/markdown": "# A part"}, lower_by=1)
    assert (str(again[0]), again[1]) == (str(first[0]), first[1])
    made = Article([V4.new_notebook(cells=[V4.new_markdown_cell("Words.")])])
    assert (made.headings, list(made.styles)) == ([], [])


def test_a_line_that_is_written_again_is_shown_as_it_ended() -> None:
    v4 = nbformat.v4
    pieces = ("\r  0%|   | 0/3", "\r 33%|#  | 1/3", "\r100%|###| 3/3\n")
    bar = [v4.new_output("stream", name="stderr", text=text) for text in pieces]
    cells = [v4.new_code_cell("bar()", outputs=bar)]
    one = v4.new_output("stream", name="stdout", text="working\rdone   \n")
    cells.append(v4.new_code_cell("work()", outputs=[one]))
    body = Article([v4.new_notebook(cells=cells)]).body
    said = re.findall(r"<pre class=\"printed[^>]*>([^<]*)</pre>", body)
    assert said == ["100%|###| 3/3\n", "done   \n"]


def test_a_formula_that_a_cell_shows_is_a_formula() -> None:
    v4 = nbformat.v4
    data = {"text/latex": "$z^2$", "text/plain": "<IPython.core.display.Latex object>"}
    shown = v4.new_output("display_data", data=data)
    body = Article([v4.new_notebook(cells=[v4.new_code_cell("z", outputs=[shown])])]).body
    assert "<msup><mi>z</mi><mn>2</mn></msup>" in body
    assert "Latex object" not in body


def test_colours_of_a_styled_table_are_kept_by_a_rule_of_the_page() -> None:
    frame = pd.DataFrame({"a": [1, -2]})
    look = [{"selector": "th", "props": "color: red; background: url(x); position: fixed"}]
    styler = frame.style.map(lambda value: "background-color: #fff7fb" if value < 0 else "")
    html = styler.set_table_styles(look).to_html()
    output = V4.new_output("display_data", data={"text/html": html})
    made = Article([V4.new_notebook(cells=[V4.new_code_cell("x", outputs=[output, output])])])
    soup = BeautifulSoup(made.body, "html.parser")
    tables = [str(table["id"]) for table in soup.find_all("table")]
    assert len(set(tables)) == 2
    marked = only(BeautifulSoup(str(soup.find(string="-2").parent), "html.parser"), "td")
    letters = "background-color: #fff7fb; color: #1d2226"
    assert next(iter(made.styles)).split("\n") == [
        f"#{tables[0]} th {{color: red}}",
        f"#{marked['id']} {{{letters}}}",
    ]
    assert not soup.find_all("style")
    assert len({tag["id"] for tag in soup.select("[id]")}) == len(soup.select("[id]"))


def test_a_rule_that_reaches_out_of_its_table_is_dropped() -> None:
    html = '<style>body, #T_1 td {color: red} #T_1 td {color: red}</style><table id="T_1"></table>'
    assert inline_html(html, "s")[1] == "#s-0 td {color: red}"


def test_a_picture_attached_to_a_cell_is_shown_and_a_lost_one_is_named() -> None:
    cell = V4.new_markdown_cell("![A plan](attachment:plan.png)")
    with pytest.raises(UnusableCell, match=r"the picture 'plan\.png', which is no longer attached"):
        Article([V4.new_notebook(cells=[cell])])
    cell["attachments"] = {"plan.png": {"image/png": "iVBORw0KGgo="}}
    soup = BeautifulSoup(Article([V4.new_notebook(cells=[cell])]).body, "html.parser")
    image: Any = only(soup, "img")
    assert (image["alt"], image["src"]) == ("A plan", "data:image/png;base64,iVBORw0KGgo=")


def test_the_first_use_of_a_term_leads_to_the_glossary() -> None:
    text = "# The counterfactual\n\n`median` [median](#x) Medians, a Median and a counterfactual."
    cells = [V4.new_markdown_cell(text), V4.new_markdown_cell("The counterfactual again.")]
    links = {"../docs/glossary.md": "../docs/glossary.html"}
    soup = BeautifulSoup(Article([V4.new_notebook(cells=cells)], links=links).body, "html.parser")
    assert {link.get_text(): link["href"] for link in soup.select("a.term")} == {
        "Medians": "../docs/glossary.html#median",
        "counterfactual": "../docs/glossary.html#counterfactual",
    }
    assert not Article([V4.new_notebook(cells=cells)]).body.count("term")


def test_a_heading_can_be_linked_to() -> None:
    soup, headings = shown({"text/markdown": "## A <part>"})
    link = soup.select("h2 > a.anchor")[0]
    assert link["href"] == f"#{headings[0].anchor}"
    assert link["aria-label"] == "Link to “A <part>”"


def test_marks_in_a_cell_of_a_table_are_set() -> None:
    frame = pd.DataFrame({"meaning": ["`month`: *about* 2 * 3 * 4"]})
    soup = BeautifulSoup(html_of(frame.to_html(index=False)), "html.parser")
    assert (only(soup, "code").get_text(), only(soup, "em").get_text()) == ("month", "about")
    assert only(soup, "td").get_text() == "month: about 2 * 3 * 4"


def test_boxes_of_a_list_are_letters() -> None:
    soup, _ = shown({"text/markdown": "- [x] done\n- [ ] open\n"})
    assert [item.get_text().strip() for item in soup.find_all("li")] == ["☑ done", "☐ open"]
    assert not soup.find_all("input")


def test_the_numbers_of_a_figure_are_in_words_and_codes_are_left_to_the_download(
    tmp_path: Path,
) -> None:
    head = "month,day,event_id,to,to_name,p_value,planned,kind"
    table = f"{head}\n2025-04-01,2025-04-01,e-1,CL,Chile,0.5,True,a_b\n"
    (tmp_path / "one.csv").write_text(table, encoding="utf-8")
    (row,) = figure_rows(tmp_path / "one.csv")
    assert row == {
        "month": "2025-04",
        "day": "2025-04-01",
        "to": "Chile",
        "p value": "0.5",
        "planned": "yes",
        "kind": "a b",
    }


@pytest.mark.parametrize(
    ("rows", "columns", "many"), [(400, 16, ""), (401, 16, "401 rows"), (400, 17, "17 columns")]
)
def test_numbers_too_many_for_a_table_are_told_and_a_download(
    tmp_path: Path, rows: int, columns: int, many: str
) -> None:
    (tmp_path / "figures").mkdir()
    lines = [",".join("abcdefghijklmnopq"[:columns])] * (1 + rows)
    (tmp_path / "figures" / "one.csv").write_text("\n".join(lines), encoding="utf-8")
    about = {"image/svg+xml": {"stem": "one"}}
    drawn = V4.new_output("display_data", data={"image/svg+xml": SVG}, metadata=about)
    cell = V4.new_code_cell("x = 1", outputs=[drawn])
    made = Article([V4.new_notebook(cells=[cell])], folder=tmp_path)
    caption = only(BeautifulSoup(made.body, "html.parser"), "figcaption")
    assert bool(caption.select("details.data")) == (not many)
    assert ("too many for a table here" in caption.get_text()) == bool(many)
    assert many in caption.get_text()
    assert "figures/one.csv" in [link["href"] for link in caption.select("a[download]")][-1:]
