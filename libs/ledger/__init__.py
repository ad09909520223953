"""Published figures -> monthly tonnes with bounds, and the figures that cannot be true."""

from ledger.bounds import compare_vintages as compare_vintages
from ledger.customs import compare_figures as compare_figures
from ledger.customs import score_sources as score_sources
from ledger.explain import Explanation as Explanation
from ledger.explain import doubted_table as doubted_table
from ledger.explain import examples as examples
from ledger.explain import explain as explain
from ledger.pages import as_printed as as_printed
from ledger.printed import TOLERANCES as TOLERANCES
from ledger.printed import in_millions as in_millions
from ledger.printed import tolerance_table as tolerance_table
from ledger.reconciliation import Reconciliation as Reconciliation
from ledger.reconciliation import days_out as days_out
from ledger.reconciliation import known_figures as known_figures
from ledger.reconciliation import reconcile as reconcile
from ledger.settled import month_steps as month_steps
from ledger.settled import steps_table as steps_table
