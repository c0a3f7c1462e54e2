"""Check the import contracts of pyproject.toml: `python scripts/contracts.py`, what `lint-imports` does.

The command's own start-up script is not used, because its first line names the place where it was installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from importlinter.cli import lint_imports

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.exit(lint_imports(no_logo=True, cache_dir="build/import-linter"))
