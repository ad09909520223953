"""Warm kernels: a papermill engine that forks each kernel from a process with the libraries loaded.

`papermill --engine warm notebook.ipynb out.ipynb` runs any notebook.  The work is shared by

- `engine`: what papermill calls; one notebook, one kernel; nbclient takes in what it says;
- `imports`: which libraries a notebook imports, read from its code;
- `client`: starts fork servers, asks them for kernels, chooses one for a run; processes that a
  client forks share its servers;
- `process`: a forked kernel seen from its client: asked, heard, ended, through one socket;
- `server`: the fork server, a process of its own: loads the libraries, forks and guards kernels;
- `kernel`: what a forked process does: be an IPython kernel, mostly built before the fork.
"""
