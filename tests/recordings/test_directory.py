"""Directories written by hand: what they may say, and what is refused with file, key and reason."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.recordings.directory import read_directory, readable_name, write_directory
from crawler.recordings.model import RecordedAnswer
from news.errors import RecordingError
from tests.recordings.shapes import CLOCK, answer, small_recording

HEAD = 'schema = 1\nclock = 2023-11-22T08:00:00Z\nsources = ["port-en"]\n'


def written(tmp_path: Path, manifest: str, **files: bytes) -> Path:
    path = tmp_path / "series" / "step"
    path.mkdir(parents=True)
    (path / "recording.toml").write_text(manifest, encoding="utf-8")
    for name, body in files.items():
        (path / f"{name}.html").write_bytes(body)
    return path


def test_a_manifest_written_by_hand_is_read(tmp_path: Path) -> None:
    manifest = HEAD + (
        'definitions = "site.html"\n'
        '[[answers]]\nurl = "https://port.example/en"\nfile = "listing.html"\n'
        'headers = { Content-Type = "text/html; charset=UTF-8", '
        'Transfer-Encoding = "chunked", Content-Length = "9999" }\n'
        '[[answers]]\nurl = "https://port.example/أخبار"\nat = 2023-11-22T10:00:05+01:00\nbody = "inline"\n'
        'headers = [["Link", "</a>"], ["Link", "</b>"], ["X-Raw", "caf\\u00e9", "latin-1"]]\n'
        '[[answers]]\nurl = "https://port.example/gone"\nmethod = "HEAD"\nstatus = 410\n'
        '[[answers]]\nurl = "https://port.example/slow"\nerror = "timeout"\n'
    )
    recording = read_directory(written(tmp_path, manifest, listing=b"<html>news</html>", site="نص".encode()))
    assert (recording.clock, recording.sources, recording.definitions) == (CLOCK, ("port-en",), "نص")
    page, inline, gone, slow = recording.answers
    assert page.body == b"<html>news</html>"
    assert page.headers == (("Content-Type", "text/html; charset=UTF-8"), ("Content-Length", "17"))
    assert inline.url == "https://port.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"
    assert inline.at == datetime(2023, 11, 22, 9, 0, 5, tzinfo=UTC)
    assert inline.headers == (("Link", "</a>"), ("Link", "</b>"), ("X-Raw", "caf\udce9"))
    assert (gone.method, gone.status, gone.body) == ("HEAD", 410, b"")
    assert (slow.status, slow.error, slow.at) == (0, "timeout", CLOCK)


def test_a_file_may_stand_beside_the_recording_in_the_folder_of_its_series(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + '[[answers]]\nurl = "https://port.example/"\nfile = "../pages/x.html"\n')
    (path.parent / "pages").mkdir()
    (path.parent / "pages" / "x.html").write_bytes(b"shared")
    assert read_directory(path).answers[0].body == b"shared"


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("", "schema: is missing"),
        ("schema = 1\n", "clock: is missing"),
        ("schema = 1\nclock = 2023-11-22T08:00:00Z\n", "sources: is missing"),
        ("schema = 2\n", "schema: 2 is not known"),
        ("schema = true\n", "schema: True is not a whole number"),
        ("schema = 1\nclock = 2023-11-22T08:00:00\nsources = []", "clock: 2023-11-22T08:00:00 has no offset"),
        ("schema = 1\nclock = 2023-11-22\nsources = []", "clock: .* is not a time with an offset"),
        ('schema = 1\nclock = "now"\nsources = []', "clock: 'now' is not a time with an offset"),
        (HEAD.replace('"port-en"', "7"), "sources: 7 is not text"),
        (HEAD.replace('"port-en"', '""'), "source name '' is empty"),
        (HEAD + "extra = 1\n", "extra: no such key; known are answers, clock"),
        (HEAD + "answers = 3\n", "answers: 3 is not an array"),
        (HEAD + "answers = [3]\n", r"answers\[1\]: is not a table"),
        (HEAD + 'definitions = "none.toml"\n', "definitions: 'none.toml' cannot be read: No such file"),
        ("not toml", "not valid TOML: .*line 1"),
        ("x = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_a_wrong_manifest_is_refused_with_file_key_and_reason(
    tmp_path: Path, manifest: str, reason: str
) -> None:
    path = written(tmp_path, manifest)
    with pytest.raises(RecordingError, match=f"recording.toml: {reason}"):
        read_directory(path)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("", "url: is missing"),
        ('url = "https://port.example/"\nstats = 200', "stats: no such key"),
        ('url = "https://port.example/"\nstatus = "200"', "status: '200' is not a whole number"),
        ('url = "https://port.example/"\nstatus = 42', "status 42 is not between"),
        ('url = "https://port.example/"\nmethod = "get"', "method 'get' is not an HTTP method"),
        ('url = "https://port.example/"\nerror = "tired"', "error 'tired' is none of timeout"),
        (
            'url = "https://port.example/"\nerror = "dns"\nstatus = 200',
            "status: an answer with an error has no",
        ),
        ('url = "https://port.example/"\nerror = "dns"\nbody = "x"', "body: an answer with an error has no"),
        ('url = "https://port.example/"\nfile = "x.html"\nbody = "x"', "body: there is a file too"),
        ('url = "https://port.example/"\nheaders = "x"', "headers: neither a table nor"),
        ('url = "https://port.example/"\nheaders = { A = 1 }', "headers: .* is not a name and a value"),
        ('url = "https://port.example/"\nheaders = [["A"]]', "headers: .* is not a name and a value"),
        ('url = "https://port.example/"\nheaders = [["A", "ع", "latin-1"]]', "headers: A is not Latin-1"),
        ('url = "https://port.example/"\nheaders = { "A:B" = "1" }', "header name 'A:B'"),
        (
            'url = "https://port.example/"\nheaders = { A = "1\\nB: 2" }',
            "header A: the value holds a line break",
        ),
        ('url = "ftp://port.example/"', "is not an http or https URL"),
        ('url = "https://"', "is not an http or https URL|has no host"),
        ('url = "https://[::1/"', "is not a URL"),
        ('url = "https://me:secret@port.example/"', "carries user information"),
        ('url = "https://port.example/#part"', "has a fragment"),
        (
            'url = "https://port.example/"\nfile = "none.html"',
            "file: 'none.html' cannot be read: No such file",
        ),
        (
            'url = "https://port.example/"\nfile = "."',
            "file: '.' is not a file|must be a plain relative path",
        ),
    ],
)
def test_a_wrong_answer_is_refused_with_its_number(tmp_path: Path, entry: str, reason: str) -> None:
    path = written(tmp_path, f"{HEAD}[[answers]]\nurl = 'https://port.example/'\n[[answers]]\n{entry}\n")
    with pytest.raises(RecordingError, match=rf"recording.toml: answers\[2\]: .*({reason})") as caught:
        read_directory(path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/hostname",
        "../../outside.html",
        "../../../../../../../etc/hostname",
        "a/../../../outside.html",
        "..\\\\outside.html",
        "C:/outside.html",
        "../.hidden/key",
        ".env",
        "nul\\u0000.html",
        "escape.html",
        "../up/outside.html",
        "loop.html",
    ],
)
def test_a_file_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f'{HEAD}[[answers]]\nurl = "https://port.example/"\nfile = "{name}"\n', a=b"")
    (tmp_path / "outside.html").write_bytes(b"outside")
    (path.parent / ".hidden").mkdir()
    (path.parent / ".hidden" / "key").write_bytes(b"key")
    (path / ".env").write_bytes(b"key")
    (path / "escape.html").symlink_to(tmp_path / "outside.html")
    (path.parent / "up").symlink_to(tmp_path, target_is_directory=True)
    (path / "loop.html").symlink_to(path / "loop.html")
    with pytest.raises(RecordingError, match=r"answers\[1\]: file: "):
        read_directory(path)


def test_files_that_are_too_large_are_refused(tmp_path: Path) -> None:
    entry = '[[answers]]\nurl = "https://port.example/"\nfile = "page.html"\n'
    path = written(tmp_path, HEAD + entry * 3, page=b"x" * 1000)
    assert len(read_directory(path).answers) == 3
    with pytest.raises(RecordingError, match=r"answers\[3\]: file: .*more than the 500 bytes"):
        read_directory(path, max_total_bytes=2500)


def test_a_manifest_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD)
    (path / "recording.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(RecordingError, match=r"recording.toml is not UTF-8 at byte 5"):
        read_directory(path)


def test_writing_refuses_what_is_there_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    target = tmp_path / "step"
    target.mkdir()
    write_directory(small_recording(), target)  # an empty directory may be filled
    before = sorted(path.name for path in target.iterdir())
    for taken in (target, target / "recording.toml"):
        with pytest.raises(RecordingError, match=r"exists and is not an empty directory|cannot be written"):
            write_directory(small_recording(), taken)
    assert sorted(path.name for path in target.iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["step"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://port.example/", "index.html"),
        ("https://port.example", "index.html"),
        ("https://port.example/en/2023/11/a-slug/", "en-2023-11-a-slug.html"),
        ("https://port.example/page.html", "page.html"),
        ("https://port.example/?p=12&q=a", "p-12-q-a.html"),
        ("https://port.example/../../etc/passwd", "etc-passwd.html"),
        ("https://port.example/%2e%2e%2fetc%00", "etc.html"),
        ("https://port.example/..", "body.html"),
    ],
)
def test_file_names_are_readable_and_lead_nowhere_else(url: str, name: str) -> None:
    made = readable_name(answer(url))
    assert made == name or (name == "body.html" and "/" not in made and not made.startswith("."))


def test_long_and_arabic_urls_get_short_names_that_differ() -> None:
    urls = [f"https://port.example/{'x' * 3000}{n}" for n in (1, 2)]
    urls += ["https://port.example/%D8%A3", "https://port.example/%D8%A8"]
    names = {readable_name(RecordedAnswer(url=url, at=CLOCK)) for url in urls}
    assert len(names) == 4
    assert all(name.isascii() and len(name) < 90 for name in names)
