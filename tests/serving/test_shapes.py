"""What the API answers has the shapes of docs/json.md, and the types that describe the API are those shapes."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re

import pytest
from sqlalchemy import Engine

from tests.serving.content import HOSTILE, filled
from tests.serving.serving import Site, serving
from tests.tidings.documented import PAGE, faults, shapes
from tidings.api import shapes as package
from tidings.api.shapes.base import Shape


def declared() -> dict[str, type[Shape]]:
    modules = [
        importlib.import_module(f"{package.__name__}.{each.name}")
        for each in pkgutil.iter_modules(package.__path__)
    ]
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Shape) and value is not Shape
    }


DECLARED = declared()
MORE = {
    "ArticleDetail": {"addresses", "known_by", "corrections", "edits", "retellings"},
    "SourceDetail": {"definition", "coverage"},
    "RunDetail": {"seen"},
}
HEADINGS = {"ArticleDetail": "article", "SourceDetail": "source", "RunDetail": "stored run"}


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_a_declared_type_has_the_fields_that_are_documented(name: str) -> None:
    heading = HEADINGS.get(name) or re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()
    fields = {field.alias or key for key, field in DECLARED[name].model_fields.items()}
    assert fields == shapes()[heading].keys() | MORE.get(name, set())
    for extra in MORE.get(name, ()):
        assert f"`{extra}`" in PAGE.read_text(encoding="utf-8")


@pytest.fixture
def site(full_site: Site) -> Site:
    return full_site


def strip(value: dict[str, object], *names: str) -> dict[str, object]:
    return {name: each for name, each in value.items() if name not in names}


def test_every_answer_has_its_documented_shape(site: Site) -> None:
    pages = {
        "/changes": "change page",
        "/articles": "article page",
        "/search?q=title": "article page",
        "/articles/4/revisions": "revision list",
        "/articles/4/redline?from=1&to=2": "redline",
        "/sources": "source page",
        "/status": "status",
        "/runs": "run page",
        "/subscriptions": "subscription list",
        "/subscriptions/desk": "subscription",
        "/subscriptions/desk/digests": "digest page",
        "/subscriptions/desk/digests/1": "digest",
        "/deliveries": "delivery page",
        "/deliveries/1": "delivery",
    }
    for path, shape in pages.items():
        told = site.api(path)
        assert faults(told, shape) == [], path
        assert told.get(path.rpartition("/")[2], [0]), f"{path} is empty, and so shows nothing"
    article = site.api("/articles/4")
    assert faults(strip(article, *MORE["ArticleDetail"]), "article") == []
    assert [faults(each, "name") for each in article["known_by"]] == [[] for _ in article["known_by"]]
    assert [faults(each, "edit") for each in article["edits"]] == [[]]
    source = site.api("/sources/one")
    assert faults(strip(source, *MORE["SourceDetail"]), "source") == []
    assert faults(source["coverage"], "coverage") == []
    assert faults(strip(source["definition"], "wrapper"), "definition") == ["definition: wrapper is missing"]
    run = site.api("/runs/7")
    assert faults(strip(run, "seen"), "stored run") == []
    assert {tuple(faults(each, "seen entry")) for each in run["seen"]} == {()}


def test_the_lines_of_a_digest_are_its_changes(site: Site) -> None:
    answer = site.ask("/api/v1/subscriptions/desk/digests/1/changes")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.body.decode().splitlines()]
    assert lines == site.api("/subscriptions/desk/digests/1")["changes"]
    assert faults(lines[0], "told change") == []


def test_hostile_words_arrive_as_they_are_and_are_nothing_but_text(site: Site) -> None:
    answer = site.ask("/api/v1/articles/4")
    assert answer.json["title"] == HOSTILE
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    raw = answer.body.decode()
    assert not re.search("[\x00-\x1f\x7f\u202a-\u202e]", raw)  # not even in a terminal


@pytest.mark.parametrize(
    ("path", "key", "limit"),
    [("/articles", "id", 2), ("/runs", "id", 3), ("/sources", "name", 1), ("/changes", "seq", 1)],
)
def test_pages_that_are_followed_to_the_end_hold_everything_once(
    site: Site, path: str, key: str, limit: int
) -> None:
    name = path.strip("/")
    whole = [each[key] for each in site.api(path)[name]]
    assert len(whole) > limit
    seen: list[object] = []
    address = f"/api/v1{path}?limit={limit}"
    while address:
        answer = site.ask(address)
        seen += [each[key] for each in answer.json[name]]
        assert len(answer.json[name]) <= limit
        link = answer.headers.get("link", "")
        address = link[1 : link.index(">")] if link else ""
    assert seen == whole


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/articles?source=two", 0),
        ("/articles?title=SCRIPT", 1),
        ("/articles?title=%25", 0),
        ("/articles?language=en", 0),
        ("/articles?since=2030-01-01", 0),
        ("/articles?since=2026-01-01T00:00:00%2B05:00&limit=3", 3),
        ("/runs?source=two", 1),
        ("/runs?held=true", 1),
        ("/deliveries?state=dead", 1),
        ("/deliveries?state=sent&state=waiting", 0),
        ("/deliveries?subscription=desk", 1),
    ],
)
def test_lists_are_filtered(site: Site, path: str, told: int) -> None:
    [listed] = [value for value in site.api(path).values() if isinstance(value, list)]
    assert len(listed) == told


@pytest.mark.parametrize(
    "path",
    [
        "/articles/99",
        "/articles/99/revisions",
        "/articles/4/redline?from=1&to=9",
        "/articles?source=nobody",
        "/sources/nobody",
        "/runs/99",
        "/runs?source=nobody",
        "/subscriptions/nobody",
        "/subscriptions/nobody/digests",
        "/subscriptions/desk/digests/9",
        "/subscriptions/desk/digests/9/changes",
        "/deliveries/99",
        "/nowhere",
    ],
)
def test_what_is_not_there_is_a_problem(site: Site, path: str) -> None:
    assert (site.ask(f"/api/v1{path}").status, site.ask(f"/api/v1{path}").problem) == (404, "not-found")


@pytest.mark.parametrize(
    "path",
    [
        "/changes?after=-1",
        "/changes?after=9223372036854775808",
        "/changes?wait=61",
        "/changes?wait=nan",
        "/changes?kind=invented",
        "/changes?source=%00",
        "/changes?language=a_b",
        "/articles/0",
        "/articles/x",
        "/articles/9223372036854775808",
        "/articles?since=yesterday",
        "/articles?since=0001-01-01T00:00:00%2B23:00",
        "/articles?title=",
        "/articles/4/redline?from=1",
        "/runs?limit=201",
        "/deliveries?state=lost",
        "/sources/a%0Ab",
    ],
)
def test_what_makes_no_sense_is_a_problem_that_says_where(site: Site, path: str) -> None:
    answer = site.ask(f"/api/v1{path}")
    assert (answer.status, answer.problem) == (422, "invalid")
    assert answer.json["detail"]


def test_what_a_person_decides_can_be_decided_by_a_program(engine: Engine) -> None:
    filled(engine)
    with serving(engine) as site:
        decide(site)


def decide(site: Site) -> None:
    def post(path: str) -> dict[str, object]:
        return dict(site.api(path, method="POST"))

    assert post("/sources/one/pause")["paused"] is True
    assert post("/sources/one/resume")["paused"] is False
    assert post("/subscriptions/desk/pause")["state"] == "paused"
    assert post("/subscriptions/desk/resume")["state"] == "dead_letters"
    assert post("/deliveries/1/retry")["state"] == "waiting"
    approved = post("/runs/7/approve")
    assert faults(approved, "approval") == []
    assert [each["title"] for each in approved["changes"]] == ["Title of q"]  # type: ignore[attr-defined]
    again = site.ask("/api/v1/runs/7/reject", method="POST")
    assert (again.status, again.problem) == (409, "conflict")
