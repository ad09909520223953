"""A data package as search engines for data sets read it: schema.org in JSON-LD."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PACKAGE = "datapackage.json"
TYPES = {".csv": "text/csv", ".parquet": "application/vnd.apache.parquet"}


def dataset(folder: Path) -> str:
    """JSON-LD of the data package in `folder`, fit to stand in a page."""
    package = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
    text = json.dumps(describe(package), ensure_ascii=False, indent=1)
    return text.replace("<", "\\u003c")


def describe(package: dict[str, Any]) -> dict[str, Any]:
    """The data package as a schema.org Dataset."""
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": package["title"],
        "description": package["description"],
        "license": package["licenses"][0]["path"],
        "creator": [
            {"@type": "Organization", "name": one["title"]} for one in package["contributors"]
        ],
        "keywords": package["keywords"],
        "isAccessibleForFree": True,
        "distribution": [
            _download(resource, suffix) for resource in package["resources"] for suffix in TYPES
        ],
    }


def _download(resource: dict[str, Any], suffix: str) -> dict[str, str]:
    return {
        "@type": "DataDownload",
        "name": resource["name"],
        "description": resource["description"],
        "encodingFormat": TYPES[suffix],
        "contentUrl": Path(resource["path"]).with_suffix(suffix).as_posix(),
    }
