"""The dates that a body speaks of: days, lists, ranges, and words that need a clock."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.dates import Precision
from news.event_dates import dates_in_text

NOW = datetime(2023, 11, 20, 12, 0, tzinfo=UTC)

BODIES = [
    ("en", "on Tuesday 21 November 2023, in Rabat", ["2023-11-21 day"]),
    ("en", "Wednesday, November 15, 2023", ["2023-11-15 day"]),
    ("en", "(September 23, 2022)", ["2022-09-23 day"]),
    ("en", "February 1st, 2024", ["2024-02-01 day"]),
    ("en", "on 14-15 November 2023", ["2023-11-14..2023-11-15 day"]),
    ("en", "on 20-21 November, 2023", ["2023-11-20..2023-11-21 day"]),
    ("en", "14–15 October 2025", ["2025-10-14..2025-10-15 day"]),
    ("en", "from 19 to 22 November 2023", ["2023-11-19..2023-11-22 day"]),
    ("en", "between 10 and 25 September 2023", ["2023-09-10..2023-09-25 day"]),
    ("en", "over two days on 28-29 August 2024", ["2024-08-28..2024-08-29 day"]),
    ("en", "November 14-15, 2023", ["2023-11-14..2023-11-15 day"]),
    ("en", "from 30 October to 2 November 2023", ["2023-10-30..2023-11-02 day"]),
    ("en", "December 30 - January 2, 2023", ["2022-12-30..2023-01-02 day"]),
    ("en", "between Monday 30 October 2023 and Friday 3 November 2023", ["2023-10-30..2023-11-03 day"]),
    ("en", "on 4 May 2023 and 6 June 2023", ["2023-05-04 day", "2023-06-06 day"]),
    ("en", "8-9 December in Rabat", ["2023-12-08..2023-12-09 relative"]),
    ("en", "today, July 29", ["2023-07-29 relative"]),
    ("en", "2 January and 20 November", ["2024-01-02 relative", "2023-11-20 relative"]),
    ("en", "received, yesterday 16 November 2023, the envoy", ["2023-11-16 day"]),
    ("en", "he said yesterday, in today's world", ["2023-11-19 relative"]),
    ("en", "in May 2023", ["2023-05-01..2023-05-31 month"]),
    ("en", "the 3 may attend and march 10 miles", []),
    ("en", "31 February 2023", []),
    ("en", "ISO 9001:2015, Argania 2023, 30 participants", []),
    ("en", "on 2023-11-16 and 03/05/2023 and 16/11/2023", ["2023-11-16 day"]),
    ("en", "5 May 2023, then again 5 May 2023", ["2023-05-05 day"]),
    ("fr", "Samedi 29 juillet 2023", ["2023-07-29 day"]),
    ("fr", "du 26 au 29 décembre 2022", ["2022-12-26..2022-12-29 day"]),
    ("fr", "les 28, 29 et 30 août 2025", ["2025-08-28..2025-08-30 day"]),
    ("fr", "du 30 novembre au 2 décembre 2022", ["2022-11-30..2022-12-02 day"]),
    ("fr", "hier 11 août", ["2023-08-11 relative"]),
    ("fr", "hier, le ministre", ["2023-11-19 relative"]),
    ("fr", "le 03/05/2023", ["2023-05-03 day"]),
    ("ar", "أمس الاثنين (4 أكتوبر 2021)", ["2021-10-04 day"]),
    ("ar", "في 7 نوفمبر2022", ["2022-11-07 day"]),
    ("ar", "يومي 14 و15 نوفمبر 2023", ["2023-11-14..2023-11-15 day"]),
    ("ar", "من ١٩ إلى ٢٢ أكتوبر ٢٠٢٣", ["2023-10-19..2023-10-22 day"]),
    ("ar", "اليوم الجمعة", ["2023-11-20 relative"]),
    ("ar", "اليوم العالمي للمعلم", []),
]


@pytest.mark.parametrize(("language", "body", "expected"), BODIES)
def test_a_body_tells_the_dates_of_its_event(language: str, body: str, expected: list[str]) -> None:
    found = dates_in_text(body, language=language, now=NOW)
    told = [
        f"{item.first}{'' if item.first == item.last else f'..{item.last}'} {item.precision}"
        for item in found
    ]
    assert told == expected


def test_a_date_keeps_its_own_words() -> None:
    [found] = dates_in_text("عقد من ١٩ إلى ٢٢ أكتوبر ٢٠٢٣ في الرباط", language="ar", now=NOW)
    assert found.text == "١٩ إلى ٢٢ أكتوبر ٢٠٢٣"


@given(
    st.dates(date(1991, 1, 1), date(2024, 12, 31)),
    st.sampled_from(["{0:%d} {0:%B} {0:%Y}", "{0:%B} {0:%d}, {0:%Y}"]),
)
def test_every_whole_date_in_prose_is_found(day: date, form: str) -> None:
    months = "January February March April May June July August September October November December".split()
    text = form.replace("{0:%B}", months[day.month - 1]).format(day)
    [found] = dates_in_text(f"It was held on {text}, in Rabat.", language="en", now=NOW)
    assert (found.first, found.last, found.precision) == (day, day, Precision.DAY)


SOUP = st.lists(
    st.sampled_from("16 7 31 - and to et و , / . 2023 November mars آب today hier between from (".split())
).map(" ".join)  # fmt: skip


@given(st.text() | SOUP, st.sampled_from(["en", "fr", "ar", None]))
def test_no_body_raises_and_every_range_runs_forward(text: str, language: str | None) -> None:
    for found in dates_in_text(text, language=language, now=NOW):
        assert found.first <= found.last
        assert found.text
