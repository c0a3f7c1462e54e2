"""What the documents name exists, and what exists is documented: commands, settings, keys, links, targets."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from crawler.recordings import manifest
from crawler.recordings.model import ERROR_KINDS
from crawler.site_file import SiteTable, WrapperTable
from digest.formats import Format
from news.change import ChangeKind
from news.redline import EditClass
from news.run import Verdict
from storage.settings import PREFIX, Settings
from tests.documents import PAGES, ROOT, anchors, blocks, invocations, links, name_of, typed_in
from tidings import exits
from tidings.cli import app

DOCS = ROOT / "docs"
README = ROOT / "README.md"
GLOBAL_OPTIONS = {"--help", "-h", "--version", "--install-completion", "--show-completion"}

ELSEWHERE = ("https://", "http://", "../../")
"""The web, and pages of the host of the code."""
PACKAGES = frozenset(
    ("news", "storage", "crawler", "digest", "scheduler", "tidings", "tests", "fixtures", "docs")
)
NAMED_OBJECT = re.compile(r"`((?:news|storage|crawler|digest|scheduler|tidings)(?:\.\w+)+)`")

Command = Any  # Typer ships its own copy of Click, whose classes it does not export


def leaves(command: Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    """Yield every command that does something, with the words that it is called by."""
    subcommands = getattr(command, "commands", None)
    if not subcommands:
        yield path, command
        return
    for name, each in subcommands.items():
        yield from leaves(each, (*path, name))


COMMANDS = dict(leaves(typer.main.get_command(app)))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def table_rows(page: Path) -> dict[str, list[str]]:
    """Return the rows of a page's tables, by the first name in code that their first cell holds."""
    rows = {}
    for line in text_of(page).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        for name in re.findall(r"`([^`]+)`", cells[0]) if line.startswith("|") else ():
            rows[name] = cells
    return rows


# ---------------------------------------------------------------------------------------------- commands


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    assert (command.help or "").strip(), path
    assert f"tidings {' '.join(path)}" in (command.epilog or ""), f"{path}: its help shows no example of it"
    for parameter in command.params:
        if parameter.name != "help":
            assert (getattr(parameter, "help", None) or "").strip(), f"{path}: {parameter.name} says nothing"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_examples_in_a_command_s_help_have_options_that_exist(path: tuple[str, ...]) -> None:
    for line in (COMMANDS[path].epilog or "").splitlines():
        for arguments in typed_in(line, "tidings"):
            named = next((p for n in (2, 1) if (p := tuple(arguments[:n])) in COMMANDS), None)
            assert named is not None, line
            known = {option for parameter in COMMANDS[named].params for option in parameter.opts}
            options = {word.partition("=")[0] for word in arguments if word.startswith("-")}
            assert options <= known | GLOBAL_OPTIONS, line


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_stands_in_the_documents(path: tuple[str, ...]) -> None:
    typed = [arguments for page in PAGES for arguments in invocations(page, "tidings")]
    assert any(tuple(arguments[: len(path)]) == path for arguments in typed), f"tidings {' '.join(path)}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_commands_that_a_page_tells_people_to_type_exist(page: Path) -> None:
    for arguments in invocations(page, "tidings"):
        words = [word for word in arguments if not word.startswith("-")]
        options = {word.partition("=")[0] for word in arguments if word.startswith("-")}
        typed = f"{name_of(page)}: tidings {' '.join(arguments)}"
        path = next((p for n in (2, 1) if (p := tuple(words[:n])) in COMMANDS), None)
        if path is None:
            assert not words or any(known[0] == words[0] for known in COMMANDS), typed
            assert len(words) < 2, typed
            assert options <= GLOBAL_OPTIONS, typed
            continue
        known = {option for parameter in COMMANDS[path].params for option in parameter.opts}
        assert options <= known | GLOBAL_OPTIONS, typed


def test_every_option_that_only_a_digest_has_is_explained() -> None:
    shared = {"--database", "--config", "--json", "--debug", "--help", "-h", "-f", "-o", "--exit-code"}
    own = {option for parameter in COMMANDS["digest",].params for option in parameter.opts} - shared
    missing = {option for option in own if f"`{option}" not in text_of(DOCS / "reading.md")}
    assert not missing


def test_every_exit_status_is_documented_and_no_other() -> None:
    statuses = {str(value) for name, value in vars(exits).items() if name.isupper() and type(value) is int}
    section = text_of(DOCS / "operating.md").partition("## Exit statuses")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| (\d+) \|", section, re.MULTILINE)) == statuses


# -------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_variable_and_default(name: str) -> None:
    cells = table_rows(DOCS / "operating.md").get(name)
    assert cells is not None, f"{name} does not stand in docs/operating.md"
    assert cells[1] == f"`{PREFIX}{name.upper()}`"
    default = Settings.model_fields[name].default
    written = {"": "empty", (): "none", None: "none"}.get(
        default, f"{default:g}" if isinstance(default, float) else str(default)
    )
    if isinstance(default, bool):
        written = str(default).lower()  # as TOML spells it
    if name == "lease_seconds":
        wall = Settings.model_fields["wall_seconds"].default
        written = f"wall_seconds + {Settings().lease_seconds - wall:g}"
    assert cells[2].replace("`", "") == written


def test_no_setting_is_documented_that_does_not_exist() -> None:
    variables = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", "\n".join(text_of(page) for page in PAGES)))
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {f"{PREFIX}CONFIG"}
    # A slip of the pen that is shown, and a variable of the tests.
    own = {"TIDINGS_WORKER", "TIDINGS_WRITE_GOLDEN"}
    assert {name for name in variables - known - own if not name.startswith("TIDINGS_TEST_")} == set()


def site_keys(table: Any) -> Iterator[tuple[str, Any]]:
    for name, field in table.model_fields.items():
        yield field.alias or name, field


def test_every_key_of_a_site_file_is_documented_and_no_other() -> None:
    page = DOCS / "adding-a-source.md"
    section = text_of(page).partition("## Every key")[2].partition("### Selectors")[0]
    parts = re.split(r"`\[+(\w+)\]+`", section)
    documented = {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))
    tables: dict[str, Any] = {"": SiteTable} | {
        name: SiteTable.model_fields[name].annotation for name in ("article", "request")
    }
    tables["wrapper"] = WrapperTable  # which only a listing needs
    sections: Any = SiteTable.model_fields["sections"].annotation
    tables["sections"] = sections.__args__[0]
    assert documented.keys() == tables.keys()
    for name, table in tables.items():
        rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ?(\w*)", documented[name], re.MULTILINE)
        keys = {key: default for cell, default in rows for key in re.findall(r"\w+", cell)}
        expected = {key for key, _ in site_keys(table)} - (tables.keys() if name == "" else set())
        assert keys.keys() == expected, name
        for key, field in site_keys(table):
            if key not in keys or name in ("wrapper", "article"):
                continue
            default = field.default
            if field.is_required():
                assert keys[key] == "required", (name, key)
            elif isinstance(default, bool):
                assert keys[key] == str(default).lower(), (name, key)
            elif isinstance(default, (int, float)):
                assert keys[key] == f"{default:g}", (name, key)


def test_every_key_of_a_manifest_is_documented() -> None:
    page = DOCS / "recordings.md"
    rows = table_rows(page)
    assert rows.keys() >= manifest._KEYS | manifest._ANSWER_KEYS
    missing = [kind for kind in ERROR_KINDS if f"`{kind}`" not in " ".join(rows["error"])]
    assert not missing


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("reading.md", [str(kind) for kind in ChangeKind]),
        ("reading.md", [str(grade) for grade in EditClass]),
        ("operating.md", [str(verdict) for verdict in Verdict]),
    ],
    ids=["kinds of change", "classes of edit", "verdicts"],
)
def test_every_word_that_people_meet_is_explained(page: str, names: list[str]) -> None:
    assert set(names) <= table_rows(DOCS / page).keys()


def test_every_format_is_named() -> None:
    text = text_of(DOCS / "reading.md")
    assert all(f"`{each}`" in text or f"--format {each}`" in text for each in Format)


def test_the_modules_that_the_architecture_names_exist() -> None:
    named = NAMED_OBJECT.findall(text_of(DOCS / "architecture.md"))
    assert named
    for name in named:
        parts = name.split(".")
        paths = [ROOT.joinpath(*parts), ROOT.joinpath(*parts).with_suffix(".py")]
        if any(path.exists() for path in paths):
            continue
        module = ROOT.joinpath(*parts[:-1]).with_suffix(".py")
        assert module.exists(), name
        assert re.search(rf"^(?:class|def|    def) {parts[-1]}\b", text_of(module), re.MULTILINE), name


# ------------------------------------------------------------------------------------------ links and files


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith(ELSEWHERE):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)}: {link}"
        assert not anchor or anchor in anchors(target), f"{name_of(page)}: {link}"


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [README]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = (
            (page.parent / link.partition("#")[0]).resolve() for link in links(page) if "://" not in link
        )
        waiting += [target for target in targets if target.suffix == ".md" and target.exists()]
    assert set(PAGES) - reached == set()


def test_the_decisions_are_numbered_without_holes_and_have_their_parts() -> None:
    records = sorted(path for path in (DOCS / "decisions").glob("*.md") if path.name != "README.md")
    for number, record in enumerate(records, 1):
        assert record.name.startswith(f"{number:04}-")
        assert text_of(record).startswith(f"# {number}. ")
        for part in ("Context", "Decision", "Consequences", "How to check it"):
            assert f"**{part}.**" in text_of(record), f"{record.name}: {part}"


def test_the_paths_that_the_documents_name_exist() -> None:
    own = {"harbour", "NAME", "config"}  # of the examples, and a file of settings
    for page in PAGES:
        for span in re.findall(r"`([\w./-]+)`", text_of(page)):
            top = span.split("/")[0]
            if "/" in span and top in PACKAGES and not own & set(re.split(r"[/.]", span)):
                assert (ROOT / span).exists(), f"{name_of(page)}: {span}"


def test_the_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"`(?:\$ )?make ([a-z-]+)", text_of(page))}
    assert {"demo", "test"} <= named
    assert named <= targets


def test_the_first_screen_of_the_readme_has_both_commands_with_their_output() -> None:
    first = [block for block in blocks(README) if block.language == "console"][:2]
    assert [block.text.splitlines()[0] for block in first] == ["$ make demo", "$ make test"]
    assert len(first[0].text.splitlines()) > 2
    assert re.search(r"\b\d+ passed\b.* in \d+", first[1].text), "give the real last line of `make test`"


def test_the_changelog_tells_of_this_version() -> None:
    version = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["version"]
    text = text_of(ROOT / "CHANGELOG.md")
    parts = re.split(r"^## \[(.+?)\]", text, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    told = sections.get(version) or sections.get("Unreleased")
    assert told
    for word in {path[0] for path in COMMANDS}:
        assert f"`tidings {word}" in told, word
