"""`python -m pipeline`: what `python -m press` does."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "libs")]

from press.__main__ import main  # noqa: E402  # found on the path above, installed or not

if __name__ == "__main__":
    sys.exit(main())
