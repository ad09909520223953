"""Command lines that say in one line what they cannot take."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says in a line what it cannot take, and ends with the status of everything that failed."""

    def error(self, message: str) -> NoReturn:
        """End the command; `message` is argparse's."""
        self.exit(1, f"{message}; see {self.prog} --help\n")
