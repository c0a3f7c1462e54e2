"""Recordings to test with: a small one made by hand, and any at all for laws."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from crawler.recordings.model import ERROR_KINDS, RecordedAnswer, Recording, right_headers

CLOCK = datetime(2023, 11, 22, 8, tzinfo=UTC)
LISTING = "https://port.example/en/category/news"


def answer(url: str = LISTING, body: bytes = b"<html>", status: int = 200, **fields: str) -> RecordedAnswer:
    headers = (("Content-Type", "text/html; charset=UTF-8"), ("Content-Length", str(len(body))))
    return RecordedAnswer(url=url, at=CLOCK, status=status, headers=headers, body=body, **fields)


def small_recording() -> Recording:
    """Eight answers: a page seen twice, a redirect, a 304, a failure, an Arabic slug and an empty body."""
    return Recording(
        clock=CLOCK,
        sources=("port-en", "port-ar"),
        definitions='name = "port"\r\n# أخبار\n',
        answers=(
            answer("https://port.example/robots.txt", b"User-agent: *\n"),
            answer(body=b"<html>first visit</html>"),
            answer(body=b"<html>second visit</html>"),
            RecordedAnswer(url=f"{LISTING}/page/2", at=CLOCK, status=301, headers=(("Location", LISTING),)),
            RecordedAnswer(url=LISTING, at=CLOCK, status=304, headers=(("Etag", '"v1"'),)),
            RecordedAnswer(url="https://port.example/gone", at=CLOCK, status=0, error="timeout"),
            answer("https://port.example/ar/%d8%a3%D8%AE", "<html>أخبار</html>".encode()),
            answer("https://port.example/empty", b""),
        ),
    )


_word = st.text("abcXYZ019-_.~%!$&'()*+,;=:@/", max_size=30)
_urls = st.builds(
    "{}://{}{}/{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["a.example", "[::1]"]),
    st.sampled_from(["", ":8080"]),
    _word,
    _word.map(lambda query: f"?{query}" if query else ""),
)
_times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_raw_values = st.binary(max_size=30).filter(lambda raw: not set(raw) & {0, 10, 13})
_headers = st.lists(
    st.tuples(
        st.sampled_from(["Content-Type", "Set-X", "Content-Length", "ETag", "X-9"]),
        _raw_values.map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    ),
    max_size=5,
)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@st.composite
def _answers(draw: st.DrawFn) -> RecordedAnswer:
    url, at = draw(_urls), draw(_times)
    method = draw(st.sampled_from(["GET", "HEAD", "POST"]))
    if draw(st.booleans()) and draw(st.booleans()):
        return RecordedAnswer(
            url=url, at=at, method=method, status=0, error=draw(st.sampled_from(ERROR_KINDS))
        )
    status = draw(st.one_of(st.sampled_from([200, 301, 304, 404]), st.integers(100, 999)))
    body = draw(st.binary(max_size=200))
    headers = right_headers(tuple(draw(_headers)), method=method, status=status, body=body)
    return RecordedAnswer(url=url, at=at, method=method, status=status, headers=headers, body=body)


recordings = st.builds(
    Recording,
    clock=_times,
    sources=st.lists(_texts.filter(lambda name: bool(name) and name.isprintable()), max_size=3).map(tuple),
    definitions=_texts,
    answers=st.lists(_answers(), max_size=6).map(tuple),
)
