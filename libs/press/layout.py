"""Where things lie in the site."""

from __future__ import annotations

from analysis.study import ROOT

SHARED = {
    "01_ingest": "Published figures",
    "02_clean": "Series",
    "05_claims": "Claims",
    "06_mirror": "Mirror",
    "07_numbers": "All numbers",
    "08_breaks": "Breaks",
    "09_destinations": "Destinations",
    "10_forecast": "Forecast",
    "11_vintages": "Vintages",
}
"""Notebooks that run once; each has a page of its own, found under this word on every page."""

NUMBERS = "07_numbers"
"""The one among them that leaves a data package beside its page."""

STUDY = ("03_model", "04_figures")
"""Notebooks that run for each study; one page shows both."""

BATCH = "12_batch"
"""The notebook that runs once for a batch, after its studies."""

TEXTS = tuple(sorted(path.stem for path in (ROOT / "docs").glob("*.md")))
"""Descriptions of method and data; each has a page."""

DATA = "data"
DOCS = "docs"
FAILED = "failed"


def page(notebook: str) -> str:
    """The page of a shared notebook, from the site's root: 01_ingest is on data/ingest.html."""
    return f"{DATA}/{notebook.partition('_')[2]}.html"


def answers(notebook: str) -> str:
    """What a shared notebook leaves for the front page, if anything: data/ingest-answers.json."""
    return page(notebook).replace(".html", "-answers.json")


def text_page(stem: str) -> str:
    """The page of a text in docs/, from the site's root."""
    return f"{DOCS}/{stem}.html"


def menu() -> dict[str, str]:
    """The pages that every page leads to, from the site's root, and the words for them."""
    return {page(stem): word for stem, word in SHARED.items()} | {text_page("method"): "Method"}


def links(root: str, own: str) -> dict[str, str]:
    """Where links of notebooks lead, on a page from which `root` leads home.

    `own` is where the notebooks of a study are shown, seen from that page.
    """
    shared = {f"{stem}.ipynb": f"{root}{page(stem)}" for stem in SHARED}
    texts = {f"../docs/{stem}.md": f"{root}{text_page(stem)}" for stem in TEXTS}
    return shared | texts | {f"{stem}.ipynb": own for stem in STUDY}


def text_links() -> dict[str, str]:
    """Where links of one text in docs/ to another lead."""
    return {f"{stem}.md": f"{stem}.html" for stem in TEXTS}
