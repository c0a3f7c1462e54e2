"""The rules of the house that a tool can hold: layers, sizes, names, requirements and the documents' word."""

from __future__ import annotations

import ast
import itertools
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("news", "storage", "crawler", "digest", "scheduler", "tidings")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# What each package may import beside the standard library and the packages below it.
# A package that is missing here may import what `dependencies` in pyproject.toml names.
ALLOWED_FOREIGN = {
    "news": {"w3lib"},
    "storage": {"alembic", "psycopg", "pydantic", "pydantic_settings", "sqlalchemy", "structlog", "w3lib"},
    "digest": {"apprise", "jinja2", "lxml", "markupsafe", "pydantic", "sqlalchemy", "w3lib"},
}
BELOW = {
    "news": {"news"},
    "storage": {"news", "storage"},
    "digest": {"news", "storage", "digest"},
}
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|misc|managers?)($|_)|^_*(handle|manage|process)_")
# Scrapy, SQLAlchemy and the standard library call these by name.
FRAMEWORK_NAMES = re.compile(
    r"process_(item|request|response|exception|start|spider_\w+|bind_param|result_value|literal_param)"
    r"|handle_(referer|data|comment|decl|pi|starttag|startendtag|endtag|charref|entityref)|handleError"
)
# A folder of somebody's machine: home directories, work trees and the like, followed by a name.
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(work|home|root|Users|tmp/build)/[\w.]")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported_modules(tree: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def text_files() -> list[Path]:
    listed = ""
    if shutil.which("git"):
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    if listed:
        found = [ROOT / name for name in listed.split("\0") if name]
    else:  # an unpacked source archive, or no git to ask
        hidden = {".venv", "build", "dist", "__pycache__", ".git"}
        found = [path for path in ROOT.rglob("*") if not hidden & set(path.relative_to(ROOT).parts)]
    binary = {".gz", ".warc", ".xz", ".bin", ".db", ".png", ".pyc", ".webp"}
    return [path for path in found if path.is_file() and path.suffix not in binary]


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_a_module_is_short(path: Path) -> None:
    length = len(path.read_text(encoding="utf-8").splitlines())
    assert length <= 400, f"{short(path)} has {length} lines: which second subject does it hold?"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_root_holds_at_most_a_docstring(package: str) -> None:
    for path in (ROOT / package).rglob("__init__.py"):
        body = tree_of(path).body
        assert len(body) <= 1, short(path)
        assert not body or ast.get_docstring(tree_of(path)), short(path)


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_a_module_and_what_it_defines_say_what_they_are_for(path: Path) -> None:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = {node.name for node in ast.walk(tree_of(path)) if isinstance(node, definitions)}
    own = {path.stem, *(name for name in names if not FRAMEWORK_NAMES.fullmatch(name))}
    empty = [name for name in own if EMPTY_NAMES.search(snake(name))]
    assert not empty


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("package", sorted(ALLOWED_FOREIGN))
def test_a_low_package_stands_on_few_others(package: str) -> None:
    allowed = sys.stdlib_module_names | ALLOWED_FOREIGN[package] | BELOW[package]
    strangers = {
        (short(path), name)
        for path in MODULES
        if path.is_relative_to(ROOT / package)
        for name in imported_modules(tree_of(path))
        if name.split(".")[0] not in allowed
    }
    assert not strangers


def test_from_a_package_root_only_its_modules_are_imported() -> None:
    found = [
        f"{short(path)}:{node.lineno}: from {node.module} import {alias.name}"
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.module in PACKAGES
        for alias in node.names
        if not any((ROOT / node.module / name).exists() for name in (alias.name, f"{alias.name}.py"))
    ]
    assert not found


def test_nothing_unpickles() -> None:
    forbidden = {"pickle", "marshal", "shelve"}
    found = {(short(path), name) for path in MODULES for name in imported_modules(tree_of(path)) & forbidden}
    assert not found


def test_the_import_contracts_are_kept() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/contracts.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_requirement_files_are_in_step_and_name_no_host() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/lock.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    extras = PYPROJECT["project"]["optional-dependencies"]
    expected = {f"{name}.txt" for name in ("runtime", "build", "lock", *extras)}
    assert {path.name for path in (ROOT / "requirements").iterdir()} == expected
    for path in (ROOT / "requirements").iterdir():
        assert not re.search(
            r"://|--index|--find-links|\b(pypi|pythonhosted)\b", path.read_text(encoding="utf-8")
        )


def test_everything_imported_is_declared() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"].values()
    declared = [*PYPROJECT["project"]["dependencies"], *itertools.chain(*extras)]
    distributions = {re.split(r"[\[<>=;!~ ]", line)[0].lower().replace("-", "_") for line in declared}
    otherwise_named = {"argon2"} if "argon2_cffi" in distributions else set()
    known = distributions | otherwise_named | {"markupsafe"} | set(PACKAGES) | sys.stdlib_module_names
    strangers = {
        (short(path), name)
        for path in MODULES
        for name in imported_modules(tree_of(path))
        if name.split(".")[0].lower() not in known
    }
    assert not strangers


def test_the_changelog_has_a_section_for_this_version_or_for_the_unreleased() -> None:
    sections = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sections[0] in {"Unreleased", PYPROJECT["project"]["version"]}


def test_the_targets_that_the_documents_name_exist_and_all_are_described() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## .+$", makefile, re.MULTILINE))
    assert targets == set(re.findall(r"^\.PHONY: ([a-z-]+)$", makefile, re.MULTILINE))
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    documents = [contributing, *(path.read_text(encoding="utf-8") for path in ROOT.glob("docs/**/*.md"))]
    documents += [path.read_text(encoding="utf-8") for path in ROOT.glob("README.md")]
    named = {name for text in documents for name in re.findall(r"`make ([a-z-]+)", text)}
    assert named <= targets
    assert targets - {"help"} <= set(re.findall(r"`make ([a-z-]+)", contributing))


def test_ci_runs_what_the_documents_tell_people_to_run() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.rstrip().endswith("exec make test")
    assert "://" not in script


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = []
    for path in text_files():
        if path == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if MACHINE_PATH.search(line):
                found.append(f"{short(path)}:{number}: {line.strip()[:100]}")
    assert not found


def test_the_wheel_takes_every_package_with_its_data() -> None:
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PACKAGES)
    assert PYPROJECT["tool"]["importlinter"]["root_packages"] == list(PACKAGES)
