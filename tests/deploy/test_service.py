"""The unit for systemd: each directive that keeps it in stands there, and systemd reads it without complaint."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storage.settings import PREFIX, Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNIT = DEPLOY / "tidings.service"
HARDENED = {
    "AmbientCapabilities": "",
    "CapabilityBoundingSet": "",
    "DevicePolicy": "closed",
    "IPAddressDeny": "link-local multicast",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "NoNewPrivileges": "yes",
    "PrivateDevices": "yes",
    "PrivateIPC": "yes",
    "PrivateTmp": "yes",
    "PrivateUsers": "yes",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHome": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectProc": "invisible",
    "ProtectSystem": "strict",
    "RemoveIPC": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_NETLINK AF_UNIX",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "User": "tidings",
}
MOST_EXPOSED = 20
"""Tenths of systemd's measure, from 0 (nothing is open) to 100."""


def directives(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the directives of a unit by their section; a line of any other form is refused."""
    found: dict[str, list[tuple[str, str]]] = {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
            continue
        name, sign, value = line.partition("=")
        assert sign, line
        assert name.isalnum(), line
        found.setdefault(section, []).append((name, value))
    return found


def test_each_directive_that_hardens_it_stands_there() -> None:
    service = dict(directives(UNIT)["Service"])
    assert {name: service.get(name) for name in HARDENED} == HARDENED
    filters = [value for name, value in directives(UNIT)["Service"] if name == "SystemCallFilter"]
    assert filters == ["@system-service", "~@privileged @resources"]


def test_it_is_stopped_gently_and_started_again() -> None:
    service = dict(directives(UNIT)["Service"])
    assert service["KillMode"] == "mixed"
    assert int(service["TimeoutStopSec"]) >= 30
    assert (service["Restart"], service["OOMPolicy"]) == ("always", "continue")
    assert service["ExecStart"].endswith("/tidings run")
    assert service["ExecStartPre"].endswith("/tidings db migrate")
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"


def test_what_it_sets_are_settings() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    service = directives(UNIT)["Service"]
    named = [
        pair.partition("=")[0] for name, value in service if name == "Environment" for pair in value.split()
    ]
    lines = [line.lstrip("#") for line in (DEPLOY / "tidings.env").read_text(encoding="utf-8").splitlines()]
    named += [line.partition("=")[0] for line in lines if line.startswith(PREFIX)]
    assert {name for name in named if name.startswith(PREFIX)} <= known
    assert f"{PREFIX}CONTACT" in named


def systemd_analyze() -> str:
    found = shutil.which("systemd-analyze")
    assert found is not None, "systemd-analyze is missing; install it: apt-get install systemd"
    return found


def test_systemd_verifies_it(tmp_path: Path) -> None:
    systemd = systemd_analyze()
    copy = tmp_path / "tidings.service"
    text = UNIT.read_text(encoding="utf-8").replace("/opt/tidings/bin/tidings", sys.executable)
    copy.write_text(text, encoding="utf-8")
    done = run(systemd, "verify", "--man=no", copy)
    assert (done.returncode, done.stderr) == (0, "")
    done = run(systemd, "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", UNIT)
    assert done.returncode == 0, done.stdout


def test_the_measure_of_exposure_can_fail(tmp_path: Path) -> None:
    systemd = systemd_analyze()
    open_unit = tmp_path / "open.service"
    open_unit.write_text(f"[Service]\nExecStart={sys.executable}\n", encoding="utf-8")
    done = run(systemd, "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", open_unit)
    assert done.returncode != 0


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("name", ["MemoryDenyWriteExecute", "RestrictNamespaces", "PrivateUsers"])
def test_the_drop_in_for_a_browser_opens_what_it_needs_and_no_more(name: str) -> None:
    opened = directives(DEPLOY / "tidings-browser.conf")
    assert set(opened) == {"Service"}
    assert {each for each, _ in opened["Service"]} == {
        "MemoryDenyWriteExecute", "PrivateUsers", "RestrictNamespaces", "SystemCallFilter", "MemoryHigh", "MemoryMax",
    }  # fmt: skip
    assert dict(opened["Service"])[name] != HARDENED[name]
