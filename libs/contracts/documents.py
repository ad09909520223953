"""Text: YAML that people write, read within bounds; what is unsafe in it; files written whole.

Imports no pandas, so that what only looks at files starts at once.
"""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

DIGITS = 6
"""Significant digits of estimates in files: more than any estimate has meaning to, fewer than the
nine or so to which processors agree, so that all of them write the same bytes."""
DEPTH = 20
"""How far values may lie within each other."""
LENGTH = 1_000_000
"""Characters of a file."""
TEXT = "tag:yaml.org,2002:str"
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
FORMULA = re.compile(r"[=@]|[+-](?![0-9.]+\Z)")
"""How a text begins that a spreadsheet would run; it is refused where it comes in, so that the
tables that go out need not differ from what was read."""


class PlainError(ValueError):
    """What is wrong with something a user gave."""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints: the message alone, since no code is at fault."""
        return [str(self)]


class DocumentError(PlainError):
    """A text that is no such YAML; the message says why, on one line."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without dates: 2026-03-31 is text, as it is to papermill."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        letter: [(tag, form) for tag, form in known if not tag.endswith(":timestamp")]
        for letter, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def load_yaml(text: str) -> Any:
    """The content of a YAML text; raises DocumentError.

    Refused are aliases, which a few lines can multiply without end, values deeper than DEPTH, texts
    longer than LENGTH, and in a mapping at the top a name that is no text or given twice.
    """
    try:
        _require_bounds(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        if isinstance(node, yaml.MappingNode):
            _require_names(node)
        return None if node is None else loader.construct_document(node)
    except DocumentError:
        raise
    except (yaml.YAMLError, ValueError, KeyError, AttributeError) as error:
        # the last three where a value is not what it looks like, such as `0b_`
        raise DocumentError(f"cannot be read as YAML: {' '.join(str(error).split())}") from None


def load_beside(module: str) -> Any:
    """The content of the YAML file that lies beside a module's file and is named like it."""
    return load_yaml(Path(module).with_suffix(".yaml").read_text(encoding="utf-8"))


def _require_bounds(text: str) -> None:
    if len(text) > LENGTH:
        raise DocumentError(f"found {len(text)} characters, needs at most {LENGTH}")
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1  # type: ignore[union-attr]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise DocumentError(f"line {line}: found & or * before a name; write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH:
            raise DocumentError(f"line {line}: found more than {DEPTH} values within each other")


def _require_names(whole: yaml.MappingNode) -> None:
    lines: dict[str, int] = {}
    for name in [name for name, _ in whole.value if isinstance(name, yaml.ScalarNode)]:
        line, found = name.start_mark.line + 1, name.value
        if name.tag != TEXT:
            raise DocumentError(f"line {line}: found {found!r} before the colon; needs a name")
        if found in lines:
            before = lines[found]
            raise DocumentError(f"line {line}: found {found!r}, as on line {before}; give it once")
        lines[found] = line


def unsafe(value: object) -> str:
    """What is wrong with a text, if it holds control characters or a spreadsheet would run it."""
    if isinstance(value, str) and CONTROLS.search(value):
        return f"found {value[:80]!r}, needs text without line ends and control characters"
    if isinstance(value, str) and FORMULA.match(value):
        return f"found {value[:80]!r}, needs text that does not begin as a formula of a spreadsheet"
    return ""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` when the block ends without error.

    Its name ends with that of the temporary folder, by which the press finds what a run that was
    killed has left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    run = Path(tempfile.gettempdir()).name
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.{run}")
    try:
        aside.touch(exist_ok=False)
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
