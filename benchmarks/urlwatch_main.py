"""urlwatch, as its own command starts it, with the benchmark's host names.

It is run by the interpreter of urlwatch's own environment.
"""

from __future__ import annotations

import importlib

import benchmarks.names  # noqa: F401 - names must resolve here too

if __name__ == "__main__":
    importlib.import_module("urlwatch.cli").main()
