"""Many studies: only what changed is run, on all cores of a machine or on a Dask cluster."""
