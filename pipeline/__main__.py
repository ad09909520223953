"""`python -m pipeline`: what `python -m press` does, in the repository that this file lies in."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
os.environ["PRESS_ROOT"] = ROOT
sys.path[:0] = [ROOT, os.path.join(ROOT, "libs")]

try:
    from press.unchanged import said_before  # found on the path above, installed or not

    if said := said_before(ROOT, sys.argv[1:]):
        print(said)
        sys.exit(0)
    from press.__main__ import main
except KeyboardInterrupt:
    print("stopped before it began", file=sys.stderr)
    sys.exit(130)

if __name__ == "__main__":
    sys.exit(main())
