"""What stands around every answer: headers, entity tags, compression, sizes, and errors without details."""

from __future__ import annotations

import gzip
import logging
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, Request
from sqlalchemy import Engine
from starlette.responses import Response

from storage.engine import open_engine
from tests.serving.serving import Site, serving
from tidings.serving.bodies import MOST_BYTES
from tidings.serving.boundary import SECURITY_HEADERS

router = APIRouter()


@router.get("/broken")
def broken() -> Response:
    raise ZeroDivisionError("secret: hunter2")


@router.get("/cut")
def cut() -> Response:
    from starlette.responses import StreamingResponse

    def parts() -> Iterator[bytes]:
        yield b"x" * 10
        raise ZeroDivisionError

    return StreamingResponse(parts())


@router.post("/echo")
async def echo(request: Request) -> Response:
    return Response(str(len(await request.body())))


@router.post("/json")
def take(value: dict[str, int]) -> Response:
    return Response(str(value))


@pytest.fixture(scope="module")
def site(module_engine: Engine) -> Iterator[Site]:
    with serving(module_engine, routers=[router]) as made:
        yield made


CASES = {
    "JSON": ("GET", "/api/v1/changes", {}, 200),
    "a page": ("GET", "/sign-in", {"Accept": "text/html"}, 200),
    "unchanged": ("GET", "/api/v1/changes", {"If-None-Match": "*"}, 304),
    "only headers": ("HEAD", "/api/v1/changes", {}, 200),
    "not there": ("GET", "/nowhere", {}, 404),
    "not there, for people": ("GET", "/nowhere", {"Accept": "text/html"}, 404),
    "another method": ("DELETE", "/api/v1/changes", {}, 405),
    "nonsense": ("GET", "/api/v1/changes?limit=x", {}, 422),
    "foreign name": ("GET", "/", {"Host": "evil.example"}, 421),
    "wrong token": ("GET", "/", {"Authorization": "Bearer x"}, 401),
    "a fault": ("GET", "/broken", {}, 500),
    "too large": ("POST", "/echo", {"Content-Length": str(MOST_BYTES + 1)}, 413),
}


@pytest.mark.parametrize("case", CASES)
def test_every_answer_has_the_headers_that_browsers_obey(site: Site, case: str) -> None:
    method, path, headers, status = CASES[case]
    answer = site.ask(path, method=method, headers=headers)
    assert answer.status == status
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name.lower()] == value
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] in {"private, no-cache", "no-store"}
    assert {"Authorization", "Cookie"} <= set(answer.headers["vary"].split(", "))
    assert "server" not in answer.headers
    assert "strict-transport-security" not in answer.headers  # this is plain http


@pytest.mark.parametrize("case", [name for name, given in CASES.items() if given[3] >= 400])
def test_every_error_is_a_problem_with_a_type_of_its_own(site: Site, case: str) -> None:
    method, path, headers, status = CASES[case]
    answer = site.ask(path, method=method, headers=headers)
    if "people" in case:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["type"].startswith("tag:tidings.invalid,2026:problems/")
    assert answer.json["status"] == status
    assert answer.json["title"]


def test_https_by_a_trusted_proxy_is_remembered_by_browsers(module_engine: Engine) -> None:
    headers = {"X-Forwarded-Proto": "https"}
    with serving(module_engine, trusted_proxies=("127.0.0.1",)) as site:
        assert "strict-transport-security" in site.ask("/sign-in", headers=headers).headers
    with serving(module_engine) as site:
        assert "strict-transport-security" not in site.ask("/sign-in", headers=headers).headers


def test_a_fault_is_told_to_the_log_and_not_to_the_caller(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = site.ask("/broken")
    assert (answer.status, answer.problem) == (500, "internal")
    assert b"hunter2" not in answer.body
    assert b"ZeroDivision" not in answer.body
    assert "hunter2" in caplog.text


def test_half_an_answer_is_never_taken_for_a_whole_one(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as asked:
        asked.sendall(b"GET /cut HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        came = b"".join(iter(lambda: asked.recv(65_536), b""))
    assert came.startswith(b"HTTP/1.1 200")
    assert not came.endswith(b"0\r\n\r\n")  # the end of a body in chunks


def test_a_database_that_is_away_is_no_fault_and_says_when_to_come_back(
    sqlite_template: Path, tmp_path: Path
) -> None:
    file = tmp_path / "tidings.db"
    shutil.copyfile(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    with serving(engine) as site:
        assert site.ask("/health/live").status == 200
        engine.dispose()
        file.write_bytes(b"not a database any more" * 500)
        for wal in tmp_path.glob("tidings.db-*"):
            wal.unlink()
        answer = site.ask("/api/v1/changes")
    assert (answer.status, answer.problem, answer.headers["retry-after"]) == (503, "unavailable", "5")
    assert str(tmp_path).encode() not in answer.body


def test_what_the_reader_has_is_not_sent_again(site: Site) -> None:
    first = site.ask("/api/v1/changes")
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    for known in (tag, f'"other", {tag}', tag.removeprefix("W/")):
        again = site.ask("/api/v1/changes", headers={"If-None-Match": known})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert "content-length" not in again.headers
    assert site.ask("/api/v1/changes", headers={"If-None-Match": '"other"'}).body == first.body


def test_head_is_get_without_its_body(site: Site) -> None:
    whole, head = site.ask("/api/v1/changes"), site.ask("/api/v1/changes", method="HEAD")
    assert head.body == b""
    kept = {"etag", "content-length", "content-type"}
    assert {name: head.headers[name] for name in kept} == {name: whole.headers[name] for name in kept}


def test_large_answers_are_compressed_for_those_who_can_read_it(site: Site) -> None:
    path = "/api/v1/openapi.json"
    plain = site.ask(path)
    packed = site.ask(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] == plain.headers["etag"]
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
    assert site.ask(path, headers=known).status == 304


def test_the_size_of_a_body_is_bounded_whether_it_is_announced_or_not(site: Site) -> None:
    assert site.ask("/echo", method="POST", body=b"x" * MOST_BYTES).body == str(MOST_BYTES).encode()
    answer = site.ask("/echo", method="POST", body=b"x" * (MOST_BYTES + 1))
    assert (answer.status, answer.problem) == (413, "too-large")
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as asked:
        asked.sendall(b"POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        asked.sendall(b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        sent = 0
        while sent <= MOST_BYTES + 0x20000:
            asked.sendall(chunk)
            sent += 0x10000
        assert asked.recv(65_536).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("body", [b"{", b'{"a": "b"}', b"[1]", b"\xff", b""])
def test_a_body_that_cannot_be_read_is_a_problem(site: Site, body: bytes) -> None:
    answer = site.ask("/json", method="POST", body=body, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.problem) in {(422, "invalid"), (400, "bad-request")}


@pytest.mark.parametrize(
    "text", [b"GET /%ff%00 HTTP/1.1", b"GET /a\x01 HTTP/1.1", b"G\x00T / HTTP/1.1", b"\x16\x03\x01"]
)
def test_bytes_that_are_no_request_end_only_themselves(site: Site, text: bytes) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as asked:
        asked.sendall(text + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert b" 500 " not in asked.recv(65_536)
    assert site.ask("/health/live").status == 200
