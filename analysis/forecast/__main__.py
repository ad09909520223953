"""`python -m analysis.forecast`: issue a forecast of the next months and file it for good."""

from __future__ import annotations

import sys
from datetime import date

from contracts import Parser, TableError, read_table
from effects import EffectError
from ledger.tables import Exports
from pydantic import ValidationError

from analysis.events import policy_regimes
from analysis.forecast import candidates, issue, issue_rows, outlook
from analysis.series import monthly_series
from analysis.study import ROOT, Forecasting
from analysis.tables import Events

WORLD = "WLD"


def main(arguments: list[str] | None = None) -> int:
    """Issue one forecast and say what it is; the exit status is 1 if it cannot be made."""
    given = _parser().parse_args(arguments)
    try:
        asked = Forecasting(
            processed_dir=given.processed_dir,
            forecasts_dir=given.forecasts_dir,
            ahead=given.ahead,
        )
        print(file_forecast(asked, date.today()))
    except (TableError, EffectError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except ValidationError as error:
        for problem in error.errors():
            print(f"{problem['loc'][0]}: {problem['msg']}", file=sys.stderr)
        return 1
    return 0


def file_forecast(asked: Forecasting, today: date) -> str:
    """Forecast the series as its tables now have it, file that, and say so."""
    exports = read_table(asked.processed / "exports.parquet", Exports)
    events = read_table(asked.processed / "events.parquet", Events)
    series = monthly_series(exports, WORLD)
    models = candidates(policy_regimes(events))
    found = outlook(series, models, asked.ahead, name="exports to the world")
    path = issue(issue_rows(found, series, today), asked.issued)
    where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"{found.sentence}\nIssued as {where}; commit it, and never change it"


def _parser() -> Parser:
    default = Forecasting()
    parser = Parser(prog="python -m pipeline forecast", description=__doc__)
    parser.add_argument("--ahead", type=int, default=default.ahead, help="months to forecast")
    parser.add_argument("--processed-dir", default=default.processed_dir)
    parser.add_argument("--forecasts-dir", default=default.forecasts_dir)
    return parser


if __name__ == "__main__":
    sys.exit(main())
