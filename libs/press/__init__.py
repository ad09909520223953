"""Runs the notebooks and publishes what they make."""

import os

PUBLISHING = "PRESS_PUBLISHES"
"""Set for kernels that work for the site: what is asked by hand a notebook may put aside."""

os.environ[PUBLISHING] = "1"
