"""The documents' examples, run as they stand: the files are written, the commands typed, the outputs compared."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.documents import LEFT_OUT, PAGES, ROOT, Command, agrees, blocks, commands, name_of

PORT = "8000"
RUNNING = [page for page in PAGES if any(b.language == "console" and not b.not_run for b in blocks(page))]


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


@dataclass
class Shell:
    """A directory to type commands in, with the recordings at hand; port 8000 of the pages is one that is free."""

    folder: Path
    port: str = field(default_factory=free_port)
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "fixtures").symlink_to(ROOT / "fixtures")
        programs = self.folder / ".programs"
        programs.mkdir()
        own = {"tidings": "-m tidings", "scrapy": "-m scrapy", "python3": ""}
        if shutil.which("curl") is None:
            own["curl"] = "-m tests.asking"
        for name, arguments in own.items():
            script = programs / name
            script.write_text(f"#!/bin/sh\nexec '{sys.executable}' {arguments} \"$@\"\n", encoding="utf-8")
            script.chmod(0o755)
        kept = {k: v for k, v in os.environ.items() if not k.upper().startswith("TIDINGS_") or "TEST" in k}
        self.environment = kept | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(programs),
            "COLUMNS": "80",
        }

    def translated(self, text: str) -> str:
        return re.sub(rf"\b{PORT}\b", self.port, text)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.translated(text), encoding="utf-8")

    def type(self, command: str) -> tuple[str, str, int]:
        command = self.translated(command)
        if command.endswith("&"):
            self.serve(command.removesuffix("&"))
            return "", "", 0
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        return done.stdout, done.stderr, done.returncode

    def serve(self, command: str) -> None:
        quiet = subprocess.DEVNULL
        self.servers.append(
            subprocess.Popen(
                ["sh", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self.environment,
                stdout=quiet,
                stderr=quiet,
            )
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", int(self.port)), timeout=1):
                return
            time.sleep(0.05)
        pytest.fail(f"{command} does not answer on port {self.port}")

    def end(self) -> None:
        for server in self.servers:
            server.terminate()
            server.wait(10)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    opened = Shell(tmp_path)
    yield opened
    opened.end()


def demo_commands() -> list[str]:
    """Return what `make demo` types after it has made the environment and removed the last demo's database."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ndemo:")[2].partition("\n\n")[0]
    typed = re.findall(r'^\t"\$\(VENV\)/bin/tidings" (.+)$', recipe, re.MULTILINE)
    assert typed
    return [f"tidings {each.replace('$(DEMO_DATABASE)', 'demo.db')}" for each in typed]


def run(shell: Shell, example: Command) -> str:
    """Type a command and return what a reader of the page would see of it."""
    typed = demo_commands() if example.command == "make demo" else [example.command]
    shown = ""
    for command in typed:
        out, err, status = shell.type(command)
        # What is said of the work goes to stderr and moves on a terminal; of a failure it is what counts.
        shown += out + (err if status else "")
        assert "Traceback" not in err, err
    return shown


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", RUNNING, ids=name_of)
def test_the_examples_of_a_page_do_what_it_says(page: Path, shell: Shell) -> None:
    for block in blocks(page):
        if block.file:
            shell.write(block.file, block.text)
        if block.language != "console" or block.not_run:
            continue
        for example in commands(block):
            seen = run(shell, example)
            wanted = shell.translated(example.output)
            assert agrees(wanted, seen), (
                f"{name_of(page)}:{example.line}: $ {example.command}\nthe page says:\n{wanted}\n\n"
                f"but it is:\n{seen}"
            )


def test_an_example_that_says_something_else_is_noticed() -> None:
    shown = "a: 10 items\n\n  b: 2\n"
    assert agrees("a: 10 items\n\n  b: 2", shown)
    assert agrees(f"a: {LEFT_OUT} items\n{LEFT_OUT}", shown)
    assert agrees(LEFT_OUT, "")
    assert not agrees("a: 11 items\n\n  b: 2", shown)
    assert not agrees("a: 10 items", shown)
    assert not agrees(f"{LEFT_OUT}\nc", shown)
