"""What the first command on a fresh machine says, and that a skipped test cannot pass for one that ran."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def stand_in(folder: Path, site: str) -> Path:
    """Write an interpreter that is this one, but runs the code `site` when it starts."""
    (folder / "sitecustomize.py").write_text(site, encoding="utf-8")
    python = folder / "python-stand-in"
    script = f"#!/bin/sh\nPYTHONPATH='{folder}' exec '{sys.executable}' \"$@\"\n"
    python.write_text(script, encoding="utf-8")
    python.chmod(0o755)
    return python


def without(module: str) -> str:
    return (
        "import importlib.util as util\n"
        "find = util.find_spec\n"
        f"util.find_spec = lambda name, package=None: None if name == {module!r} else find(name, package)\n"
    )


def find_python(python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "scripts/venv.sh", "find"],
        cwd=ROOT,
        env=os.environ | {"PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_interpreter_that_fits_is_taken() -> None:
    done = find_python(sys.executable)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, sys.executable, "")


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ("import sys; sys.version_info = (3, 9, 2, 'final', 0)", "needs Python 3.11, 3.12, 3.13 or 3.14"),
        ("import sys; sys.version_info = (3, 15, 0, 'final', 0)", "needs Python 3.11, 3.12, 3.13 or 3.14"),
        (without("ensurepip"), f"apt-get install python3.{sys.version_info.minor}-venv"),
        (without("venv"), f"apt-get install python3.{sys.version_info.minor}-venv"),
        (without("sqlite3"), "was built without its module 'sqlite3'"),
        ("import os; os._exit(1)", "cannot be started"),
    ],
)
def test_an_interpreter_that_lacks_something_is_refused_with_what_to_install(
    tmp_path: Path, site: str, said: str
) -> None:
    done = find_python(str(stand_in(tmp_path, site)))
    assert done.returncode == 3
    assert done.stdout == ""
    assert said in done.stderr
    assert "apt-get install" in done.stderr


CASES = {
    "passes": "def test_one():\n    pass\n",
    "absent": "import pytest\ndef test_one():\n    pytest.skip('shared data absent: sites')\n",
    "skips": "import pytest\ndef test_one():\n    pytest.skip('no server')\ndef test_two():\n    pass\n",
    "module": "import pytest\npytest.skip('no server', allow_module_level=True)\n",
    "marked": "import pytest\n@pytest.mark.skip\ndef test_one():\n    pass\ndef test_two():\n    pass\n",
    "expected": "import pytest\n@pytest.mark.xfail\ndef test_one():\n    assert 0\n",
}


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize(
    ("cases", "green"),
    [
        (["passes", "absent", "expected"], True),
        (["passes", "skips"], False),
        (["module"], False),
        (["marked"], False),
    ],
)
def test_a_skip_for_no_accepted_reason_fails_the_session(
    tmp_path: Path, cases: list[str], green: bool, workers: int
) -> None:
    for case in cases:
        (tmp_path / f"test_{case}.py").write_text(CASES[case], encoding="utf-8")
    options = [
        "-p",
        "tests.plugins.skips",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        f"--rootdir={tmp_path}",
    ]
    options += ["-p", "xdist", "-n", str(workers)] if workers else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == green, done.stdout + done.stderr
    assert ("skipped for no accepted reason" in done.stdout) == (not green)
    assert ("not run here" in done.stdout) == ("absent" in cases)
