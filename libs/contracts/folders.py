"""The folders of a notebook, and where what it finds goes: to the site, or aside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from contracts.parameters import Folder, Parameters

PUBLISHING = "PRESS_PUBLISHES"
"""The environment variable of kernels that work for the site."""
SCRATCH = "scratch"
"""The folder of the site, not shown, for what notebooks that are run by hand find."""


class Folders(Parameters):
    """Where a notebook reads and writes; relative names start at `root`."""

    root: ClassVar[Path] = Path()
    not_asked: ClassVar[set[str]] = {"raw_dir", "processed_dir", "reports_dir"}
    """Parameters that change no answer."""
    raw_dir: Folder = "data/raw"
    """Folder of the raw inputs, never written."""
    processed_dir: Folder = "data/processed"
    """Folder of the tables made from them."""
    reports_dir: Folder = "reports"
    """Folder of the results; by hand, `scratch` in it unless the site shows the same."""

    @property
    def raw(self) -> Path:
        """The folder of raw inputs."""
        return self.root / self.raw_dir

    @property
    def processed(self) -> Path:
        """The folder of derived tables."""
        return self.root / self.processed_dir

    @property
    def reports(self) -> Path:
        """The folder of the built site; `scratch` in it for what is asked by hand and not shown."""
        site = self.root / self.reports_dir
        aside = self.by_hand("reports_dir") and self.published() != self.asked()
        return site / SCRATCH if aside else site

    def by_hand(self, folder: str) -> bool:
        """Whether the usual `folder`, a parameter, is meant and no kernel of the site asks."""
        usual = Folders.model_fields[folder].default
        return bool(getattr(self, folder) == usual) and PUBLISHING not in os.environ

    def asked(self) -> dict[str, object]:
        """The parameters that an answer depends on."""
        return self.model_dump(exclude=self.not_asked)

    def published(self) -> dict[str, object]:
        """What the site shows of this kind, or under this name; nothing, if it shows none."""
        return type(self)().asked()
