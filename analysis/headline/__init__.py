"""One study's headline, and what stands beside it: checks, variants, caveats, the plan."""
