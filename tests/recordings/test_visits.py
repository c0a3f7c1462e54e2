"""Which answer a request gets."""

import re

import pytest

from crawler.recordings.model import RecordedAnswer, Recording
from crawler.recordings.visits import Visits
from news.errors import NotRecordedError
from tests.recordings.shapes import CLOCK, LISTING, answer

ROBOTS = "https://port.example/robots.txt"


def visits(*answers: RecordedAnswer) -> Visits:
    return Visits(Recording(clock=CLOCK, sources=(), answers=answers), "series/step")


def test_the_nth_visit_gets_the_nth_answer_and_no_more() -> None:
    recorded = visits(answer(body=b"1"), answer(f"{LISTING}/2", b"x"), answer(body=b"2"))
    assert [recorded.next_answer("GET", LISTING, conditional=False).body for _ in range(2)] == [b"1", b"2"]
    with pytest.raises(
        NotRecordedError, match=r"GET .* was asked for 2 times, this is visit 3 in series/step"
    ):
        recorded.next_answer("GET", LISTING, conditional=False)


def test_only_robots_txt_may_be_asked_for_more_often() -> None:
    recorded = visits(answer(ROBOTS, b"1"), answer(ROBOTS, b"2"))
    bodies = [recorded.next_answer("GET", ROBOTS, conditional=False).body for _ in range(4)]
    assert bodies == [b"1", b"2", b"2", b"2"]


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("HEAD", LISTING),
        ("POST", LISTING),
        ("GET", f"{LISTING}/"),
        ("GET", f"{LISTING}?"),
        ("GET", LISTING.upper()),
    ],
)
def test_another_method_or_url_was_not_recorded(method: str, url: str) -> None:
    with pytest.raises(NotRecordedError, match=re.escape(f"{method} {url} was never asked for")):
        visits(answer()).next_answer(method, url, conditional=False)


def test_the_exact_spelling_comes_before_one_that_differs_in_the_case_of_its_escapes() -> None:
    lower, upper = "https://port.example/%d8%a3", "https://port.example/%D8%A3"
    only_lower = visits(answer(lower, b"l1"), answer(lower, b"l2"))
    assert [only_lower.next_answer("GET", upper, conditional=False).body for _ in range(2)] == [b"l1", b"l2"]
    both = visits(answer(lower, b"l"), answer(upper, b"u"))
    assert both.next_answer("GET", upper, conditional=False).body == b"u"
    assert both.next_answer("GET", lower, conditional=False).body == b"l"


def test_not_modified_needs_a_question_with_validators() -> None:
    unchanged = RecordedAnswer(url=LISTING, at=CLOCK, status=304)
    assert visits(unchanged).next_answer("GET", LISTING, conditional=True).status == 304
    with pytest.raises(NotRecordedError, match="recorded as not modified, but asked without validators"):
        visits(unchanged).next_answer("GET", LISTING, conditional=False)
