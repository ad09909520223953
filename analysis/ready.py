"""What the notebooks of every study load and make first, made once for the kernels that share it.

To import it is to make it. Nothing depends on it: what it leaves is remembered by those who made
it, for as long as their files stay as they are.
"""

from __future__ import annotations

from contextlib import suppress

from charts import plot_series
from contracts import read_table
from ledger.settled import load_ledger
from ledger.tables import Exports

from analysis.answer import attempt, fit_change, fit_effect, fit_textbook, totals_never_used
from analysis.article import show_table
from analysis.events import load_catalogue
from analysis.nowcast import filled, study_series
from analysis.pictures import called, event_marks
from analysis.study import Study

Exports.empty()  # what checks tables is loaded at its first use, a fifth of a second a kernel
with suppress(OSError, ValueError):  # as before the first report
    study = Study()
    exports = read_table(study.vintage / "exports.parquet", Exports)
    events, policy = load_catalogue(study)
    series = study_series(study, exports)
    load_ledger(study.vintage, study.series)
    filled(series, study)
    for estimator in (fit_effect, fit_change, fit_textbook, totals_never_used):
        attempt(estimator, study, series, policy)
    marks = event_marks(events, policy, study)
    plot_series(exports, study.destination, marks, **called(study))
    show_table(events.head())
    events.head().to_csv()
