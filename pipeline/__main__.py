"""`python -m pipeline`: what `python -m press` does, in the repository that this file lies in."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ["PRESS_ROOT"] = str(ROOT)
sys.path[:0] = [str(ROOT), str(ROOT / "libs")]

try:
    from press.__main__ import main  # found on the path above, installed or not
except KeyboardInterrupt:
    print("stopped before it began", file=sys.stderr)
    sys.exit(130)

if __name__ == "__main__":
    sys.exit(main())
