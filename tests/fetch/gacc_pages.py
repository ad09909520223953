"""Customs' English site as it was seen: an index of a year, pages of tables 13 and 14.

Addresses are without quotation marks; months that are not published are no links; numbers are
invented, but for the layout.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from desk import Asked, Reply

NAMES = [
    *("Jan.", "Feb.", "Mar.", "Apr.", "May.", "Jun."),
    *("Jul.", "Aug.", "Sep.", "Oct.", "Nov.", "Dec."),
]
SCRIPTS = "<html><head><script>var _$jm='0x4f';</script></head><body></body></html>"
APPLES = {n: n * 10 for n in range(1, 13)}
"""Ten thousand tonnes of apples by month."""


@dataclass
class Site:
    """A site that publishes every month from the first to `newest`."""

    newest: str = "2026-03"
    together: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    yuan: tuple[str, ...] = ("2025",)
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Reply:
        place = asked.path.rsplit("/", 1)[1].removesuffix(".html")
        if place.startswith("monthly"):
            return self._index(place.removeprefix("monthly"))
        flow, month = place.split("_")
        text = page(month, flow, month in self.together, month[:4] in self.yuan)
        old, new = self.changes.get(month, ("", ""))
        return Reply(text.replace(old, new) if old else text)

    def _index(self, year: str) -> Reply:
        if year == self.newest[:4]:
            return Reply("not found", 404)
        year = year or self.newest[:4]
        rows = [
            f"<tr>\n <td>（{number}）Major {flow} Commodities in Quantity and Value</td>\n <td>"
            + "".join(self._link(f"{year}-{n:02}", flow, name) for n, name in enumerate(NAMES, 1))
            + "</td></tr>"
            for number, flow in ((13, "Export"), (14, "Import"))
        ]
        head = "<tr><th>Title</th><th>Month</th></tr><tr><td>（1）Totals</td><td></td></tr>"
        return Reply(f"<html><body><table>{head}{''.join(rows)}</table></body></html>")

    def _link(self, month: str, flow: str, name: str) -> str:
        merged = f"{month[:4]}-02" in self.together and month.endswith("-01")
        if month > self.newest or month in self.gone or merged:
            return f"<span> {name}</span>"
        return f"<a href=http://english.customs.example/Statics/{flow}_{month}.html> {name}</a>"


def page(month: str, flow: str = "Export", together: bool = False, yuan: bool = False) -> str:
    """A month's page: apples and cars, a whole, a line without a quantity, a spoilt one."""
    year, last = int(month[:4]), int(month[5:])
    apples, to_date = APPLES[last], sum(APPLES[n] for n in range(1, last + 1))
    cars = 3 if year < 2026 else 30_000
    head = [f"1 to {last}"] if together else [str(last), f"1to{last}"]
    head = head[:1] if last == 1 else head

    def pairs(now: list[str], sums: list[str], change: list[str]) -> list[str]:
        if last == 1:
            return [*now, *change]
        return [*sums, *change] if together else [*now, *sums, *change]

    unit = "10000N" if year < 2026 else "N"
    rows = [
        ["Agriculture products*", "-", *pairs(["-", "500"], ["-", "5,000"], ["-", "1.0"])],
        ["&nbsp;&nbsp;Of which:", "", *[""] * len(pairs([""] * 2, [""] * 2, [""] * 2))],
        [
            "&nbsp;&nbsp;Apples",
            "10000T",
            *pairs([f"{apples}", f"{apples:,}"], [f"{to_date}", f"{to_date:,}"], ["5.0", "6.0"]),
        ],
        [
            "Motor vehicles（including chassis fitted with engines)",
            unit,
            *pairs([f"{cars:,}", "9"], [f"{cars * last:,}", f"{9 * last}"], ["7.0", "8.0"]),
        ],
        ["New trio *", "-", *pairs(["-", "*REF!"], ["-", "*REF!"], ["-", "*REF!"])],
    ]
    span = f"{'1-' if last > 1 else ''}{last}.{year}"
    title = f"（13）Major {flow} Commodities in Quantity and Value,{span}"
    labels = ["Commodity", "Quantity Unit", *head, "Percentage Change"]
    below = ["Quantity", "Value"] * (len(head) + 1)
    money = "Unit:RMB￥10,000" if yuan else "Unit:US$1,000"
    cells = [[title], [money], labels, below, *rows]
    table = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in cells)
    return f"<html><body><div class=atcl-cnt><table>{table}</table></div></body></html>"
