"""Synthetic difference-in-differences of Proposition 99 by the package synthdid 0.10.1 (PyPI).

In an environment of its own: `pip install synthdid==0.10.1`, then
`python proposition99_did.py > proposition99_did.out` beside proposition99.csv. It follows the
authors' R package of that name step by step, Frank-Wolfe iterations and their tolerance included.
"""

import pandas as pd
from synthdid.sdid import sdid

packs = pd.read_csv("proposition99.csv").melt("Year", var_name="unit", value_name="outcome")
packs["treatment"] = ((packs["unit"] == "California") & (packs["Year"] >= 1989)).astype(int)
found = sdid(packs, "unit", "Year", "treatment", "outcome")

print(f"estimate\t{found['att']:.5f}")
for state, weight in zip(found["Y_units"][0][:-1], found["weights"]["omega"][0], strict=True):
    print(f"weight {state}\t{weight:.6f}")
for year, weight in zip(range(1970, 1989), found["weights"]["lambda"][0], strict=True):
    print(f"year {year}\t{weight:.6f}")
