"""Little notebooks that keep the contracts of the real ones, for tests of the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
from press.site import site

WriteNotebook = Callable[..., Path]

FOLDERS = """
from pathlib import Path
from analysis.study import ROOT
raw, processed, reports = ROOT / raw_dir, ROOT / processed_dir, ROOT / reports_dir
"""

TOUCH = """
processed.mkdir(parents=True, exist_ok=True)
for name in {names!r}.split():
    (processed / name).write_text(name)
"""

MODEL = """
import json
from contracts import replacing
folder = reports / study
head = "study,destination,event_id,estimator,estimand,start,end,estimate,lower,upper,level,p_value"
rows = (
    "counterfactual,average effect,2025-04,2025-05,-66.6,-73.6,-57.7,0.95,0.0000002",
    "placebo dates,average effect,2025-04,2025-05,-66.6,,,,0.036",
    "counterfactual,periods to recovery,2025-04,2025-07,3.0,,,,",
    "regimes,suspension,2025-11,2026-03,17.7,-14.8,62.8,0.95,0.31",
)
named = [f"{study},{destination},{event_id},{row},%,46,2" for row in rows]
effects = "\\n".join([f"{head},unit,n_pre,n_post", *named])
months = "month,observed\\n2025-03-01,5331.5\\n2025-04-01,\\n2025-05-01,1238.9\\n"
swings = "month,change_pct,expected_pct,residual,usual_lower,usual_upper,p_value,unusual"
swings += "\\n2026-03-01,10.5,11.2,-0.6,-17,20,1,False"
headline = f"Exports to {destination} fell <b>sharply</b> & far <img src=x onerror=alert(1)>."
told = {"study": study, "question": question, "headline": headline, "destination": destination}
told |= {"start": start, "parameters": {"headline": "counterfactual"}, "how_sure": "Very."}
told |= {"label": "unusual", "finding": headline.rstrip("."), "figure": "counterfactual"}
told |= {"p_value": 2e-7, "is_total": destination == "WLD", "planned": False}
told |= {"data_to": "2026-07", "next_due": "2026-09-20"}
tables = {"effects": effects, "counterfactual": months, "swings": swings, "sensitivity": "study"}
files = {f"{name}.csv": text for name, text in tables.items()} | {"headline.json": json.dumps(told)}
for name, text in files.items():
    with replacing(folder / name) as aside:
        aside.write_text(text)
"""

FIGURE = """
svg = (
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 30" '
    'role="img" aria-label="A bar, which is low">'
    '<rect id="bar" width="70" height="25"/><text x="2" y="4">tonnes</text>'
    '<g class="values"><circle cx="9" cy="9" r="2" fill="none"><title>March: 5</title></circle>'
    '<circle cx="60" cy="9" r="2" fill="none"><title>May: 1</title></circle></g>'
    '<g class="values"><circle cx="58" cy="4" r="2" fill="none"><title>May: 4 due</title></circle>'
    '</g></svg>'
)
figures = reports / study / "figures"
figures.mkdir(parents=True, exist_ok=True)
for stem in [STEM]:
    (figures / f"{stem}.svg").write_text(svg)
    (figures / f"{stem}.csv").write_text("month,tonnes\\n2025-05-01,1238.9")
    about = {"alt": 'A bar, "long" & low', "caption": "Exports by month.", "stem": stem}
    data = {"image/svg+xml": svg, "text/plain": about["alt"]}
    display(data, metadata={"image/svg+xml": about}, raw=True)
"""

HOSTILE = r"""
import pandas as pd
names = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "x" * 10000]
names += ["\u202eright to left", "\" onmouseover=alert(1) a='"]
names += ["</style></svg><script>alert(2)</script>"]
pd.DataFrame({"destination": names, "tonnes": [2626.0] * len(names)})
"""

CLAIMS = """
import csv
statements = list(csv.DictReader(open(raw / "claims.csv", encoding="utf-8")))
columns = "claim_id seed stated computed lower upper unit verdict reason".split()
with open(reports / "claims.csv", "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(columns)
    for claim in statements:
        start = [claim["claim_id"], claim["seed"], claim["stated"]]
        table.writerow([*start, -6.1, -6.15, -6.05, "%", "supported", "It was so."])
(reports / "data").mkdir(exist_ok=True)
(reports / "data" / "claims-answers.json").write_text("[]")
"""

MIRROR = """
reports.mkdir(parents=True, exist_ok=True)
(reports / "mirror.csv").write_text("goods")
(reports / "data").mkdir(exist_ok=True)
(reports / "data" / "mirror-answers.json").write_text("[]")
"""

DESTINATIONS = """
import json
data = reports / "data"
data.mkdir(parents=True, exist_ok=True)
for name in ("destinations", "families"):
    (reports / f"{name}.csv").write_text(name)
answers = [{"question": "Is it <i>so</i>?", "answer": "In 2025-05 it was 5 %."}]
answers[0] |= {"rows": [{"to": "<i>Chile</i>", "tonnes": "1,200"}], "unfolded": True}
answers += [{"question": "First & only", "answer": "It <b>fell</b>.", "day": "2025-06-30"}]
(data / "destinations-answers.json").write_text(json.dumps(answers))
"""

NUMBERS = """
import json
from IPython.display import HTML
data = reports / "data"
data.mkdir(parents=True, exist_ok=True)
names = "exports rejected_figures figures sources events event_disagreements"
for name in names.split():
    for kind in ("csv", "parquet"):
        (data / f"{name}.{kind}").write_text(name)
resource = {"name": "exports", "path": "exports.csv", "description": "</script><b>All</b>"}
package = {"title": "Exports", "description": "Tonnes.", "resources": [resource]}
package |= {"licenses": [{"path": "https://example.org/"}], "contributors": [], "keywords": []}
(data / "datapackage.json").write_text(json.dumps(package))
rows = ("Denmark", "1,200.5"), ("Austria", "–"), ("Chile", "−3"), ("Brazil", "20")
body = "".join(f"<tr><td>{name}</td><td>{tonnes}</td></tr>" for name, tonnes in rows)
head = "<thead><tr><th>Name</th><th>Tonnes</th></tr></thead>"
HTML(f'<table class="sortable"><caption>Rows</caption>{head}<tbody>{body}</tbody></table>')
"""

BATCH = """
import csv, json
folder = reports / "batch" / batch
listed = list(csv.DictReader(open(folder / "studies.csv")))
rows = []
for one in [one for one in listed if not one["trouble"]]:
    effects = list(csv.DictReader(open(reports / one["study"] / "effects.csv")))
    told = json.loads((reports / one["study"] / "headline.json").read_text())
    asked = {"asked_question": told["question"]}
    rows += [{**row, "is_headline": row is effects[0], **asked} for row in effects]
with open(folder / "effects.csv", "w", newline="") as file:
    table = csv.DictWriter(file, rows[0])
    table.writeheader()
    table.writerows(rows)
(folder / "effects.parquet").write_text("effects")
(folder / "found.json").write_text(json.dumps({"finding": "All <b>fell</b>", "detail": ""}))
"""

GOODS = """
(reports / "goods.csv").write_text("measure")
(reports / "data" / "goods-answers.json").write_text("[]")
"""

BREAKS = """
(reports / "breaks.csv").write_text("destination")
(reports / "data" / "breaks-answers.json").write_text("[]")
"""

FORECAST = """
(reports / "forecasts.csv").write_text("kind")
(reports / "watch.csv").write_text("destination")
(reports / "data" / "forecast-answers.json").write_text("[]")
"""

VINTAGES = """
(reports / "revisions.csv").write_text("destination")
(reports / "real_time.csv").write_text("vintage")
(reports / "data" / "vintages-answers.json").write_text("[]")
"""

NONE = """
(reports / "data").mkdir(parents=True, exist_ok=True)
(reports / "data" / "STEM-answers.json").write_text("[]")
"""

INGESTED = (
    "figures.parquet sources.parquet products.parquet events.parquet event_disagreements.parquet "
    "claims.parquet official_exports.parquet"
)
CLEANED = "exports.parquet exports.csv rejected_figures.csv nowcast.csv"

CHAIN = {
    "01_ingest": (FOLDERS, TOUCH.format(names=INGESTED), NONE.replace("STEM", "ingest")),
    "02_clean": (FOLDERS, TOUCH.format(names=CLEANED), NONE.replace("STEM", "clean")),
    "03_model": (FOLDERS, MODEL + FIGURE.replace("STEM", "'counterfactual'")),
    "04_robustness": (FOLDERS,),
    "05_figures": (FOLDERS, FIGURE.replace("STEM", "'series'"), HOSTILE),
    "06_claims": (FOLDERS, CLAIMS),
    "07_mirror": (FOLDERS, MIRROR),
    "08_numbers": (FOLDERS, NUMBERS, NONE.replace("STEM", "numbers")),
    "09_breaks": (FOLDERS, BREAKS),
    "10_destinations": (FOLDERS, DESTINATIONS),
    "11_goods": (FOLDERS, GOODS),
    "12_forecast": (FOLDERS, FORECAST),
    "13_vintages": (FOLDERS, VINTAGES),
    "14_batch": (FOLDERS, BATCH),
}
CHAIN |= {stem: () for stem in site().notebooks if stem not in CHAIN}
"""The code of notebooks that read and write what the real ones do."""


def parameters_source(notebook: str) -> str:
    """A parameters cell with the defaults of the notebook's model."""
    fields = site().model(notebook).model_fields
    return "\n".join(f"{name} = {field.default!r}" for name, field in fields.items())


def save_notebook(path: Path, *code: str) -> Path:
    v4 = nbformat.v4
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [
        v4.new_markdown_cell(f"# Title of {path.stem}\n\nIt finds this.", id="title"),
        v4.new_code_cell(
            parameters_source(path.stem), id="parameters", metadata={"tags": ["parameters"]}
        ),
        v4.new_markdown_cell("## A part", id="part"),
        *(v4.new_code_cell(source, id=f"code-{place}") for place, source in enumerate(code, 1)),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path
