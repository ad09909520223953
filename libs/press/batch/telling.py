"""What a batch says: a bar on a terminal, a line a study elsewhere, and what failed at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from tqdm import tqdm

from press.batch.job import Outcome


def tell(outcomes: Iterable[Outcome], total: int) -> list[Outcome]:
    """Follow a run to its end; return the studies that failed."""
    terminal = sys.stderr.isatty()
    failed: list[Outcome] = []
    with tqdm(
        total=total,
        disable=not terminal,
        leave=False,
        bar_format="{bar:30} {n_fmt} of {total_fmt} studies, {postfix}, {remaining} left",
        postfix="0 failed",
    ) as bar:
        for number, outcome in enumerate(outcomes, 1):
            failed += [outcome] if outcome.trouble else []
            bar.set_postfix_str(f"{len(failed)} failed", refresh=False)
            bar.update()
            if not terminal:
                print(_line(outcome, number, total), flush=True)
    return failed


def _line(outcome: Outcome, number: int, total: int) -> str:
    ended = "failed" if outcome.trouble else f"{outcome.seconds:.1f} s"
    return f"{number:>{len(str(total))}} of {total}  {outcome.study:<60} {ended:>9}"


def sum_up(total: int, ran: int, failed: list[Outcome]) -> str:
    """The last line: how many studies there are, ran and failed."""
    if not ran:
        return f"{total} studies; nothing had changed"
    trouble = f", {len(failed)} failed" if failed else ""
    return f"{total} studies: {total - ran} had not changed, {ran - len(failed)} were made{trouble}"
