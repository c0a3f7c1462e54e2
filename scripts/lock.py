"""Pin and hash every dependency for Python 3.11 to 3.14, on every platform, into requirements/*.txt.

`make lock` runs it (it needs uv, which requirements/lock.txt pins, and a package index); `make lock UPGRADE=1` also
moves to newer releases. `lock.py --check` needs neither: it says whether the files still belong to pyproject.toml.
The files name no index and no path of the machine that made them, so they serve wherever packages come from.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
OLDEST_PYTHON = "3.11"
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
# Installing the checkout needs these beside hatchling; making the files needs uv.
BUILD_EXTRAS = ("editables>=0.5",)
LOCK_TOOLS = ("packaging>=26", "uv>=0.13")


@dataclass(frozen=True, kw_only=True, slots=True)
class LockFile:
    """One file of requirements/: what goes in, as requirement strings, in their written order."""

    name: str
    inputs: tuple[str, ...]

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.txt"

    @property
    def digest(self) -> str:
        """A short hash of the inputs, kept in the file's head so that a check needs no index."""
        return hashlib.sha256(json.dumps(sorted(self.inputs)).encode()).hexdigest()[:16]

    @property
    def head(self) -> str:
        return (
            "# Made by `make lock` from pyproject.toml for Python 3.11 to 3.14, any platform. Do not edit.\n"
            f"# inputs {self.digest}\n"
        )


def lock_files(pyproject: dict[str, Any]) -> list[LockFile]:
    """Name the files and their inputs, as `pyproject` (the parsed pyproject.toml) declares them."""
    runtime: list[str] = pyproject["project"]["dependencies"]
    extras: dict[str, list[str]] = pyproject["project"]["optional-dependencies"]
    build: list[str] = pyproject["build-system"]["requires"]
    return [
        LockFile(name="runtime", inputs=tuple(runtime)),
        *(LockFile(name=extra, inputs=(*runtime, *needs)) for extra, needs in sorted(extras.items())),
        LockFile(name="build", inputs=(*build, *BUILD_EXTRAS)),
        LockFile(name="lock", inputs=LOCK_TOOLS),
    ]


def faults(file: LockFile) -> list[str]:
    """Say what is wrong with `file` as it stands on disk; an empty list means that it is in step."""
    if not file.path.exists():
        return [f"{file.path.name} is missing"]
    text = file.path.read_text(encoding="utf-8")
    if not text.startswith(file.head):
        return [f"{file.path.name} was made from other inputs"]
    pins = {canonicalize_name(match["name"]): match["version"] for match in PIN.finditer(text)}
    found = []
    for wanted in map(Requirement, file.inputs):
        version = pins.get(canonicalize_name(wanted.name))
        if version is None or not wanted.specifier.contains(version, prereleases=True):
            found.append(f"{file.path.name} pins {wanted.name} to {version}, which is not {wanted}")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text[len(file.head) :])
    found += [
        f"{file.path.name}: no hash for {block.split()[0]}"
        for block in blocks
        if PIN.match(block) and not HASH.search(block)
    ]
    if "://" in text or "--index" in text or "--find-links" in text:
        found.append(f"{file.path.name} names where packages come from")
    return found


def compile_pins(inputs: tuple[str, ...], preferred: str, *, upgrade: bool) -> str:
    """Resolve `inputs` for all Pythons and platforms at once; keep the pins in `preferred` where they fit."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, pinned = Path(folder, "requirements.in"), Path(folder, "pinned.txt")
        wanted.write_text("\n".join(inputs) + "\n", encoding="utf-8")
        pinned.write_text(preferred, encoding="utf-8")
        command = [sys.executable, "-m", "uv", "pip", "compile", wanted.name, "--output-file", pinned.name]
        command += ["--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes"]
        command += ["--no-header", "--no-config", "--quiet", *(["--upgrade"] if upgrade else [])]
        subprocess.run(command, cwd=folder, check=True)
        return pinned.read_text(encoding="utf-8").replace("-r requirements.in", "pyproject.toml")


def write(files: list[LockFile], *, upgrade: bool) -> None:
    """Write all files. One resolution of everything comes first, so that they agree on every version."""
    known = "\n".join(file.path.read_text(encoding="utf-8") for file in files if file.path.exists())
    known = "" if upgrade else "\n".join(dict.fromkeys(match[0] for match in PIN.finditer(known)))
    everything = tuple(dict.fromkeys(line for file in files for line in file.inputs))
    agreed = compile_pins(everything, known, upgrade=upgrade)
    FOLDER.mkdir(exist_ok=True)
    for file in files:
        file.path.write_text(file.head + compile_pins(file.inputs, agreed, upgrade=False), encoding="utf-8")
        print(f"wrote {file.path.relative_to(ROOT)}")


def main() -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(description="pin and hash every dependency into requirements/*.txt")
    parser.add_argument("--check", action="store_true", help="only say whether the files are in step")
    parser.add_argument("--upgrade", action="store_true", help="move to the newest releases that fit")
    options = parser.parse_args()
    files = lock_files(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    if not options.check:
        write(files, upgrade=options.upgrade)
    found = [fault for file in files for fault in faults(file)]
    for fault in found:
        print(f"requirements: {fault}; run `make lock` and commit the result", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
