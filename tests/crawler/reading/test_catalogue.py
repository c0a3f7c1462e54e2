"""Sites as data: what a site file may hold, what is refused and how, and the way back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.catalogue import MAX_FILE_BYTES, load_catalogue, load_site_file, load_site_text
from crawler.site_export import dump_site
from news.errors import ConfigError
from news.source import ArticleRules, RequestRules, Source, Wrapper

HEAD = 'schema = 1\nname = "a"\nurl = "https://a.example/news/"\n'
WRAPPER = '[wrapper]\nitem = "article"\nlink = ["h2 a", "a"]\n'
WHOLE = (
    'schema = 1\nname = "a"\ntitle = "A site"\nurl = "https://a.example/news/"\nlanguage = "fr"\n'
    'time_zone = "Africa/Casablanca"\nschedule = "0 6 * * mon-fri"\nbaseline_pages = 2\nmax_pages = 20\n'
    '[wrapper]\nitem = "article"\nlink = ["h2 a", "a::attr(href)"]\ntitle = "h2"\ndate = "./time/@datetime"\n'
    'summary = ".lead"\nbody = ".body"\nnext_page = "//a[@rel=\'next\']"\n'
    '[article]\ntitle = "h1"\nbody = "main"\ndate = "time"\nauthor = ".by"\nremove = [".share", "aside"]\n'
    '[request]\ndelay_seconds = 2\nuser = "env:A_USER"\npassword = "env:A_PASSWORD"\nproxy = "http://proxy.example:3128"\n'
    "allow_private = true\n"
    'hosts = ["cdn.a.example"]\n[request.headers]\nX-Api-Key = "env:A_KEY"\nAccept-Language = "fr"\n'
    '[[sections]]\nname = "a-sport"\ntitle = "Sport"\nurl = "https://a.example/sport/"\nschedule = "2h"\n'
    '[[sections]]\nname = "a-en"\nurl = "https://a.example/en/"\nlanguage = "en"\n'
)


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        load_site_text(text, "a.toml")
    return str(refused.value)


def test_a_site_and_its_sections_are_sources_that_share_a_wrapper() -> None:
    site, sport, english = load_site_text(WHOLE, "a.toml")
    assert site == Source(
        name="a",
        site="a",
        title="A site",
        url="https://a.example/news/",
        language="fr",
        time_zone="Africa/Casablanca",
        schedule="0 6 * * mon-fri",
        baseline_pages=2,
        max_pages=20,
        wrapper=Wrapper(
            item=("article",),
            link=("h2 a", "a::attr(href)"),
            title=("h2",),
            date=("./time/@datetime",),
            summary=(".lead",),
            body=(".body",),
            next_page=("//a[@rel='next']",),
        ),
        article=ArticleRules(
            title=("h1",), body=("main",), date=("time",), author=(".by",), remove=(".share", "aside")
        ),
        request=RequestRules(
            delay_seconds=2.0,
            headers=(("X-Api-Key", "env:A_KEY"), ("Accept-Language", "fr")),
            user="env:A_USER",
            password="env:A_PASSWORD",
            proxy="http://proxy.example:3128",
            allow_private=True,
        ),
        hosts=("cdn.a.example",),
    )
    assert sport == replace(
        site, name="a-sport", title="Sport", url="https://a.example/sport/", schedule="2h"
    )
    assert english == replace(site, name="a-en", title="", url="https://a.example/en/", language="en")


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (HEAD.replace("1", "2", 1) + WRAPPER, "schema", "Input should be 1"),
        (HEAD.replace("schema = 1\n", "") + WRAPPER, "schema", "is missing"),
        (HEAD, "wrapper", "is missing"),
        (HEAD + "titel = 'x'\n" + WRAPPER, "titel", "unknown key"),
        (HEAD + "form = 1\n" + WRAPPER, "form", "unknown key"),
        (HEAD + WRAPPER + "titel = 'h2'\n", "wrapper.titel", "unknown key"),
        (HEAD + "[wrapper]\nitem = []\nlink = 'a'", "wrapper.item", "needs at least one selector"),
        (HEAD + "[wrapper]\nitem = 'li'\nlink = []", "wrapper.link", "is missing"),
        (HEAD + "[wrapper]\nitem = 'li'", "wrapper.link", "is missing"),
        (HEAD + "[wrapper]\nitem = ['li', '']\nlink = 'a'", "wrapper.item", "is empty"),
        (HEAD + "[wrapper]\nitem = 7\nlink = 'a'", "wrapper.item", "a text or a list of texts"),
        (HEAD + "[wrapper]\nitem = 'li['\nlink = 'a'", "wrapper.item", "not valid CSS"),
        (HEAD + "[wrapper]\nitem = 'li::text'\nlink = 'a'", "wrapper.item", "must find elements"),
        (HEAD + "[wrapper]\nitem = 'li'\nlink = '//a'", "wrapper.link", "starts at the page's root"),
        (HEAD + WRAPPER + "date = '(//time)[1]'", "wrapper.date", "starts at the page's root"),
        (HEAD + WRAPPER + "date = \".[re:test(., 'x')]\"", "wrapper.date", "not valid CSS"),
        (HEAD + WRAPPER + "date = \"./a[doc('x')]\"", "wrapper.date", "calls doc()"),
        (HEAD + WRAPPER + "[article]\nremove = './@class'", "article.remove", "must find elements"),
        (HEAD.replace("https", "ftp") + WRAPPER, "url", "not a web address"),
        (HEAD.replace("a.example", "u:p@a.example") + WRAPPER, "url", "user info"),
        (HEAD.replace('"a"', '"A b"') + WRAPPER, "name", "is no name"),
        (HEAD.replace('"a"', '"../a"') + WRAPPER, "name", "is no name"),
        (HEAD + "schedule = '0 6 * * 1-5'\n" + WRAPPER, "schedule", "write names"),
        (HEAD + "schedule = '5s'\n" + WRAPPER, "schedule", "between 60s and 31d"),
        (HEAD + "time_zone = 'Rabat'\n" + WRAPPER, "time_zone", "is unknown"),
        (HEAD + "language = 'english'\n" + WRAPPER, "language", "no language that we know"),
        (HEAD + "language = 'EN'\n" + WRAPPER, "language", "write en"),
        (HEAD + "title = ''\n" + WRAPPER, "title", "is empty"),
        (HEAD + 'title = "a\\nb"\n' + WRAPPER, "title", "cannot be shown"),
        (HEAD + "max_pages = 0\n" + WRAPPER, "max_pages", "greater than or equal to 1"),
        (HEAD + "max_pages = '3'\n" + WRAPPER, "max_pages", "must be a whole number"),
        (HEAD + "max_pages = true\n" + WRAPPER, "max_pages", "must be a whole number"),
        (HEAD + "baseline_pages = 11\n" + WRAPPER, "the file", "is more than max_pages"),
        (
            HEAD + WRAPPER + "[request]\ndelay_seconds = -1",
            "request.delay_seconds",
            "greater than or equal to 0",
        ),
        (HEAD + WRAPPER + "[request]\ndelay_seconds = nan", "request.delay_seconds", "finite"),
        (HEAD + WRAPPER + "[request]\ndelay_seconds = '1'", "request.delay_seconds", "must be a number"),
        (HEAD + WRAPPER + "[request]\nuser = 'bob'\npassword = 'env:P'", "request.user", "never written"),
        (
            HEAD + WRAPPER + "[request]\nuser = 'env:U'\npassword = 'hunter2'",
            "request.password",
            "never written",
        ),
        (HEAD + WRAPPER + "[request]\nuser = 'env:U'", "request", "belong together"),
        (HEAD + WRAPPER + "[request]\nproxy = 'http://u:p@proxy.example'", "request.proxy", "never written"),
        (HEAD + WRAPPER + "[request]\nallow_private = 'yes'", "request.allow_private", "boolean"),
        (HEAD + WRAPPER + "[request]\nproxy = 'proxy'", "request.proxy", "http://host:port"),
        (
            HEAD + WRAPPER + "[request]\nheaders = {Authorization = 'Bearer x'}",
            "request.headers",
            "never written",
        ),
        (HEAD + WRAPPER + "[request]\nheaders = {X-Api-Key = 'x'}", "request.headers", "never written"),
        (HEAD + WRAPPER + "[request]\nheaders = {Cookie = 'env:'}", "request.headers", "never written"),
        (
            HEAD + WRAPPER + "[request]\nheaders = {User-Agent = 'x'}",
            "request.headers",
            "set by tidings itself",
        ),
        (HEAD + WRAPPER + '[request]\nheaders = {X-A = "a\\r\\nb: c"}', "request.headers", "line ends"),
        (HEAD + WRAPPER + "[request]\nheaders = {'X A' = 'b'}", "request.headers", "no name of a header"),
        (HEAD + WRAPPER + "[request]\nheaders = {X-A = 'b', x-a = 'c'}", "request.headers", "given twice"),
        (HEAD + WRAPPER + "[request]\nhosts = ['https://b.example']", "request.hosts[1]", "is no host"),
        (HEAD + WRAPPER + "[request]\nhosts = ['www.b.example']", "request.hosts[1]", "is no host"),
        (HEAD + WRAPPER + "[[sections]]\nname = 'b'", "sections[1].url", "is missing"),
        (
            HEAD + WRAPPER + "[[sections]]\nname = 'a'\nurl = 'https://a.example/b'",
            "the file",
            "stand in the file twice: a",
        ),
        (HEAD + WRAPPER + "[sections]\nname = 'b'", "sections", "list"),
    ],
)
def test_a_fault_is_told_with_file_key_and_reason(text: str, key: str, reason: str) -> None:
    message = refusal(text)
    assert message.startswith(f"a.toml: {key}: ")
    assert reason in message


def test_all_faults_of_a_file_are_told_at_once() -> None:
    text = "schema = 1\nname = 'A'\nurl = 'x'\ntitel = ''\n[wrapper]\nitem = 'a['\nlink = '//a'\n"
    assert [line.split(": ")[1] for line in refusal(text).split("\n")] == [
        "name",
        "url",
        "wrapper.item",
        "wrapper.link",
        "titel",
    ]


def test_no_secret_that_was_written_by_mistake_is_repeated() -> None:
    text = (
        HEAD + WRAPPER + "[request]\nuser = 'canary'\npassword = 'canary'\nproxy = 'http://canary:canary@p'\n"
    )
    assert "canary" not in refusal(text + "headers = {Authorization = 'canary'}")


@pytest.mark.parametrize("text", ["schema = ", "= 1", "a = 1\na = 2", "[" * 5_000, "\x00"])
def test_what_is_not_toml_is_refused_with_its_place(text: str) -> None:
    assert refusal(text).startswith("a.toml: not valid TOML: ")


def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes("title = 'é'".encode("latin-1"))
    (tmp_path / "large.toml").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    for name, reason in (
        ("absent.toml", "cannot be read"),
        ("latin.toml", "not UTF-8"),
        ("large.toml", "no site file"),
    ):
        with pytest.raises(ConfigError, match=reason) as refused:
            load_site_file(tmp_path / name)
        assert str(tmp_path / name) in str(refused.value)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + (HEAD + WRAPPER).encode())
    assert load_site_file(tmp_path / "a.toml")[0].name == "a"


def test_the_catalogue_holds_the_packages_sites_and_further_directories(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(WHOLE, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no site", encoding="utf-8")
    (tmp_path / ".a.toml.swp.toml").write_text("half a", encoding="utf-8")
    catalogue = load_catalogue(tmp_path, tmp_path)
    assert {"icesco-en", "icesco-fr", "icesco-ar", "a", "a-sport", "a-en"} <= set(catalogue)
    assert all(name == source.name for name, source in catalogue.items())


def test_a_name_in_two_files_is_refused_with_both_and_with_every_other_fault(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(HEAD + WRAPPER, encoding="utf-8")
    (tmp_path / "two.toml").write_text(HEAD + WRAPPER, encoding="utf-8")
    (tmp_path / "zero.toml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_catalogue(tmp_path)
    first, second = str(refused.value).split("\n")
    assert "one.toml" in first
    assert "two.toml" in first
    assert "zero.toml: wrapper: is missing" in second


def test_a_directory_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no directory of site files"):
        load_catalogue(tmp_path / "absent")


# -- the way back


def test_what_was_written_reads_as_what_it_was() -> None:
    sources = load_site_text(WHOLE, "a.toml")
    assert load_site_text(dump_site(sources), "b.toml") == sources
    assert dump_site(load_site_text(dump_site(sources), "b.toml")) == dump_site(sources)


def test_every_site_of_the_package_survives_the_way_there_and_back() -> None:
    catalogue = load_catalogue()
    for site in {source.site for source in catalogue.values()}:
        sources = tuple(source for source in catalogue.values() if source.site == site)
        assert load_site_text(dump_site(sources), site) == sources


_text = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
_rules = st.lists(
    st.sampled_from(["a", ".b > c", "./d[@e='\"f\"']", 'a[title="x\\"y"]', "li:not(.z)"]),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60)
@given(
    title=_text,
    rules=_rules,
    delay=st.floats(0, 3_600),
    private=st.booleans(),
    headers=st.dictionaries(st.sampled_from(["X-A", "X.b"]), st.just("é"[:0] + 'q"\\'), max_size=2),
)
def test_any_source_survives_the_way_there_and_back(
    title: str, rules: list[str], delay: float, private: bool, headers: dict[str, str]
) -> None:
    source = Source(
        name="a",
        site="a",
        title=title,
        url="https://a.example/",
        wrapper=Wrapper(item=tuple(rules), link=tuple(rules)),
        request=RequestRules(delay_seconds=delay, headers=tuple(headers.items()), allow_private=private),
    )
    assert load_site_text(dump_site([source]), "a.toml") == (source,)


def test_a_section_whose_wrapper_was_mended_alone_is_not_lost_in_the_sites_file() -> None:
    site, sport, _ = load_site_text(WHOLE, "a.toml")
    mended = replace(sport, wrapper=replace(sport.wrapper, item=("section",)))
    with pytest.raises(ConfigError, match=r"a-sport differs from a in wrapper: export it"):
        dump_site([site, mended])
    alone = load_site_text(dump_site([mended]), "b.toml")
    assert alone == (replace(mended, site="a-sport"),)
    with pytest.raises(ConfigError, match="no source to write"):
        dump_site([])
