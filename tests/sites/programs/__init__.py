"""Programs whose pages are known to the fingerprints: how each is started, and what it is asked.

One module for each family. A module names its programs in `PROGRAMS`: functions that are given a `Desk`.
"""
