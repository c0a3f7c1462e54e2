"""The container and compose files: what a linter would ask of them, and whether what the build copies makes a wheel."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # schemathesis and pre-commit bring it

from storage.settings import PREFIX, Settings
from tests.test_house import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KNOWN = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
INSTRUCTIONS = {
    "ARG", "FROM", "ENV", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
    "ENTRYPOINT", "CMD",
}  # fmt: skip


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the container file, continued lines joined."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines()
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in joined]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for each in instructions():
        if each[0] == "FROM":
            found.append([])
        if found:
            found[-1].append(each)
    return found


def values(stage: list[tuple[str, str]], name: str) -> list[str]:
    return [value for each, value in stage if each == name]


# ------------------------------------------------------------------------------------ the container file


def test_only_known_instructions_stand_in_it() -> None:
    assert {name for name, _ in instructions()} <= INSTRUCTIONS
    assert not any(name == "ADD" or "curl" in value or "wget" in value for name, value in instructions())


def test_it_is_built_in_one_stage_and_run_in_another() -> None:
    build, run = stages()
    assert build[0][1].endswith(" AS build")
    assert run[0][1].endswith(" AS run")
    for stage in (build, run):
        image = stage[0][1].split()[0]
        assert re.fullmatch(r"python:\$\{PYTHON\}-slim-\w+", image), "a version and a release, not latest"
    assert not any("pip install" in value for value in values(run, "RUN"))
    assert values(run, "COPY") == ["--from=build /opt/tidings /opt/tidings"]


def test_every_library_is_hashed_and_none_is_compiled() -> None:
    [build, _] = stages()
    installs = re.findall(r"pip install ([^&]+)", " && ".join(values(build, "RUN")))
    assert len(installs) == 3
    for each in installs:
        options = shlex.split(each)
        if "-r" in options:
            assert {"--require-hashes", "--only-binary", ":all:"} <= set(options)
            assert (ROOT / options[options.index("-r") + 1]).is_file()
        else:
            assert {"--no-deps", "--no-index"} <= set(options)


def test_it_runs_without_rights_and_says_whether_it_is_well() -> None:
    [_, run] = stages()
    [user] = values(run, "USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user), "a number: Kubernetes must see that it is not root"
    order = [name for name, _ in run]
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert not [value for name, value in run[order.index("USER") :] if name == "RUN"]
    [health] = values(run, "HEALTHCHECK")
    assert "/health/live" in health
    assert {"--interval=30s", "--timeout=10s"} <= set(health.split())
    for name in ("ENTRYPOINT", "CMD"):
        [command] = values(run, name)
        assert command.startswith("["), "no shell stands between the signal and the process"
    assert values(run, "STOPSIGNAL") == ["SIGTERM"]


def test_its_environment_is_made_of_settings_and_holds_no_secret() -> None:
    for _, text in (each for each in instructions() if each[0] in ("ENV", "ARG")):
        for name, value in re.findall(r"(\w+)=(\S+)", text):
            assert not name.startswith(PREFIX) or name in KNOWN
            assert not re.search("password|secret|token", f"{name}{value}", re.IGNORECASE)


def test_what_the_build_copies_is_let_through_and_makes_a_wheel_with_every_package(tmp_path: Path) -> None:
    [build, _] = stages()
    copied = [part for value in values(build, "COPY") for part in value.split()[:-1]]
    ignore = (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignore[1] == "*"
    assert {f"!{part}" for part in copied} == {line for line in ignore if line.startswith("!")}
    assert set(PACKAGES) <= set(copied)
    for part in copied:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (tmp_path / part).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / part, tmp_path / part)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [wheel] = (tmp_path / "dist").iterdir()
    names = set(zipfile.ZipFile(wheel).namelist())
    data = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    wanted = {path.relative_to(ROOT).as_posix() for path in data if "__pycache__" not in path.parts}
    assert wanted <= names


# ------------------------------------------------------------------------------------- the compose file

SERVICE_KEYS = {
    "build", "image", "depends_on", "environment", "networks", "ports", "volumes", "tmpfs", "read_only", "cap_drop",
    "security_opt", "init", "stop_grace_period", "restart", "mem_limit", "pids_limit", "logging", "healthcheck",
    "shm_size",
}  # fmt: skip
"""Of the Compose Specification, those that are used; a slip of the pen would be silently without effect."""


@pytest.fixture
def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def test_the_compose_file_has_known_keys_and_refers_to_what_is_there(compose: Any) -> None:
    assert set(compose) == {"name", "services", "networks", "volumes"}
    for service in compose["services"].values():
        assert set(service) <= SERVICE_KEYS
        assert set(service["networks"]) <= set(compose["networks"])
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in compose["volumes"]
        assert set(service.get("depends_on", {})) <= set(compose["services"])
    build = compose["services"]["tidings"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DEPLOY / "Containerfile"


def test_only_the_pages_are_published_and_for_this_machine_alone(compose: Any) -> None:
    services = compose["services"]
    assert [port for each in services.values() for port in each.get("ports", ())] == ["127.0.0.1:8000:8000"]
    assert services["database"]["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}


def test_the_container_may_write_nothing_but_its_data(compose: Any) -> None:
    service = compose["services"]["tidings"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    for each in compose["services"].values():
        assert each["security_opt"] == ["no-new-privileges:true"]
        assert each["restart"] == "unless-stopped"
        assert each["logging"]["options"]["max-size"]
    assert {volume.partition(":")[2] for volume in service["volumes"]} == {"/data"}


def test_it_waits_for_a_database_that_answers_and_no_password_stands_in_the_file(compose: Any) -> None:
    service, database = compose["services"]["tidings"], compose["services"]["database"]
    assert service["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert database["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert re.fullmatch(r"postgres:\d+-\w+", database["image"])
    assert set(service["environment"]) <= KNOWN
    for value in (
        service["environment"]["TIDINGS_DATABASE_URL"],
        database["environment"]["POSTGRES_PASSWORD"],
    ):
        assert re.search(r"\$\{DATABASE_PASSWORD:\?[^}]+\}", value), "the start fails without one"
    assert service["environment"]["TIDINGS_CONTACT"].startswith("${TIDINGS_CONTACT:?")


def test_the_file_with_the_password_is_ignored_by_git_and_by_the_build() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "!deploy" not in (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8")
