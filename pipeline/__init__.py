"""The command of the repository: `python -m pipeline`; the work is done by `libs/press`."""
