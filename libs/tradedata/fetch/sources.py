"""The sources by name."""

from __future__ import annotations

from tradedata.fetch.census import CENSUS
from tradedata.fetch.comexstat import COMEXSTAT
from tradedata.fetch.comext import COMEXT
from tradedata.fetch.comtrade import COMTRADE
from tradedata.fetch.hmrc import HMRC

SOURCES = {source.name: source for source in (CENSUS, COMEXSTAT, COMEXT, COMTRADE, HMRC)}
