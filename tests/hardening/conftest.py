"""What kills and spoils needs the places of tests/press."""

from __future__ import annotations

import sys

from analysis.study import ROOT

sys.path.insert(0, str(ROOT / "tests" / "press"))
