"""The sources by name."""

from __future__ import annotations

from analysis.fetch.census import CENSUS
from analysis.fetch.comexstat import COMEXSTAT
from analysis.fetch.comext import COMEXT
from analysis.fetch.comtrade import COMTRADE
from analysis.fetch.hmrc import HMRC

SOURCES = {source.name: source for source in (CENSUS, COMEXSTAT, COMEXT, COMTRADE, HMRC)}
