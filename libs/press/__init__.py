"""Runs the notebooks and publishes what they make."""

import os
import sys
from threading import Lock

PUBLISHING = "PRESS_PUBLISHES"
"""Set for kernels that work for the site: what is asked by hand a notebook may put aside."""

os.environ[PUBLISHING] = "1"

LOADING = Lock()
"""Held while Jupyter's libraries are loaded, as they load each other: two threads that begin at
different ends would each meet half of one."""

# jsonschema, which comes with nbformat, would build a grammar of addresses on loading, nine tenths
# of what nbformat takes to load, for a format that no notebook's schema names; without, it goes on.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
