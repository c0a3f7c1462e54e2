"""Printed dates are read in English, French and Arabic, with their precision, and never invented."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.dates import Precision, Stamp, parse_date
from news.errors import ConfigError

NOW = datetime(2023, 11, 20, 12, 0, tzinfo=UTC)


def read(text: str, language: str | None = "en", **options: object) -> str | None:
    """Return what was read in a form that fits a table: the moment as far as it is known, or the whole for words."""
    stamp = parse_date(text, language=language, now=NOW, provenance="text", **options)  # type: ignore[arg-type]
    if stamp is None:
        return None
    formats = {
        "second": "%Y-%m-%dT%H:%M:%S",
        "minute": "%Y-%m-%dT%H:%M",
        "day": "%Y-%m-%d",
        "month": "%Y-%m",
        "year": "%Y",
    }
    return stamp.at.strftime(formats.get(stamp.precision, "~%Y-%m-%dT%H:%M"))


MACHINE = [
    ("2023-11-16T10:15:00+01:00", "2023-11-16T09:15:00"),
    ("2023-11-16T10:15:00.123Z", "2023-11-16T10:15:00"),
    ("2023-11-16T10:15:00+0100", "2023-11-16T09:15:00"),
    ("2023-11-16T10:15Z", "2023-11-16T10:15"),
    ("2023-11-16 10:15:30", "2023-11-16T10:15:30"),
    ("20231116T101500Z", "2023-11-16T10:15:00"),
    ("2023-11-16T23:59:60Z", "2023-11-16T23:59:59"),
    ("2023-11-16", "2023-11-16"),
    ("20231116", "2023-11-16"),
    ("2023-11", "2023-11"),
    ("2023", "2023"),
    ("Thu, 16 Nov 2023 10:15:00 +0100", "2023-11-16T09:15:00"),
    ("Thu, 16 Nov 2023 10:15:00 GMT", "2023-11-16T10:15:00"),
    ("16 Nov 2023 10:15 EST", "2023-11-16T15:15"),
    ("2023-11-16T25:00:00Z", None),
    ("2023-11-16T10:15:00+99:00", None),
    ("2023-02-30", None),
    ("202311", None),
    ("1850-01-01", None),
    ("2099-01-01", None),
    ("0001-01-01T00:00:00+14:00", None),
    ("1700130000", None),
]

ENGLISH = [
    ("16 November 2023", "2023-11-16"),
    ("November 16, 2023", "2023-11-16"),
    ("November 16th, 2023 at 4:30 pm", "2023-11-16T16:30"),
    ("Thursday, 16th of November, 2023", "2023-11-16"),
    ("Published: Nov. 16, 2023 12:05 AM", "2023-11-16T00:05"),
    ("Posted on 16 November 2023 by admin", "2023-11-16"),
    ("16-Nov-2023", "2023-11-16"),
    ("Sept. 5, 2023", "2023-09-05"),
    ("Updated 17 Nov 2023 | Published: 16 Nov 2023", "2023-11-16"),
    ("16 Nov 2023 (updated 17 Nov 2023 10:15)", "2023-11-16"),
    ("By Staff | 16 November 2023 | 5 min read", "2023-11-16"),
    ("@ 11:43 16 November 2023", "2023-11-16T11:43"),
    ("time29-01-2023", "2023-01-29"),
    ("16.11.2023 10:15", "2023-11-16T10:15"),
    ("2023/11/16", "2023-11-16"),
    ("16/11/2023", "2023-11-16"),
    ("11/16/2023", "2023-11-16"),
    ("05/05/2023", "2023-05-05"),
    ("03/05/2023", None),
    ("16/11/23", None),
    ("November 2023", "2023-11"),
    ("16 November", "~2023-11-16T00:00"),
    ("December 24", "~2022-12-24T00:00"),
    ("31 February 2023", None),
    ("16 November 1850", None),
    ("5 min read", None),
    ("May", None),
    ("", None),
    ("2 hours ago", "~2023-11-20T10:00"),
    ("an hour ago", "~2023-11-20T11:00"),
    ("Published 5 mins ago", "~2023-11-20T11:55"),
    ("3 weeks ago", "~2023-10-30T12:00"),
    ("3 months ago", "~2023-08-20T12:00"),
    ("999 years ago", None),
    ("just now", "~2023-11-20T12:00"),
    ("today", "~2023-11-20T00:00"),
    ("Yesterday at 4:30 pm", "~2023-11-19T16:30"),
    ("yesterday 16 November 2023", "2023-11-16"),
]

FRENCH = [
    ("Publié le jeudi 16 novembre 2023 à 16 h 30", "2023-11-16T16:30"),
    ("Samedi 29 juillet 2023", "2023-07-29"),
    ("1er août 2023", "2023-08-01"),
    ("le 3 fevr. 2023 - 9h05", "2023-02-03T09:05"),
    ("mar. 21 nov. 2023", "2023-11-21"),
    ("03/05/2023", "2023-05-03"),
    ("03/05/23", "2023-05-03"),
    ("11/16/2023", None),
    ("Mis à jour le 17/11/2023, publié le 16/11/2023", "2023-11-16"),
    ("il y a 2 h", "~2023-11-20T10:00"),
    ("Il y a une heure", "~2023-11-20T11:00"),
    ("il y a environ 3 jours", "~2023-11-17T12:00"),
    ("hier", "~2023-11-19T00:00"),
    ("hier à 16 h 30", "~2023-11-19T16:30"),
    ("avant-hier", "~2023-11-18T00:00"),
    ("aujourd’hui", "~2023-11-20T00:00"),
    ("hiérarchie", None),
]

ARABIC = [
    ("7 نوفمبر2022", "2022-11-07"),
    ("تاريخ النشر: ١٦ نوفمبر ٢٠٢٣", "2023-11-16"),
    ("الخميس، 16 تشرين الثاني/نوفمبر 2023 - 04:30 م", "2023-11-16T16:30"),
    ("16 كانون الثاني 2023 11:43 صباحًا", "2023-01-16T11:43"),
    ("16 كانون الأول 2022", "2022-12-16"),
    ("5 آب 2023", "2023-08-05"),
    ("5 آذار/مارس 2023", "2023-03-05"),
    ("3 جانفي 2023", "2023-01-03"),
    ("1 أوت 2023", "2023-08-01"),
    ("السبت 4 نونبر 2023 - 10:00", "2023-11-04T10:00"),
    ("5 غشت 2023 11:43 مساءً", "2023-08-05T23:43"),
    ("٠٣/٠٥/٢٠٢٣", "2023-05-03"),
    ("۲۰۲۳/۰۵/۰۳", "2023-05-03"),
    ("4 إبريل 2023", "2023-04-04"),
    ("15 رجب 1445 هـ الموافق 27 يناير 2024 م", "2024-01-27"),
    ("1445/07/15هـ - 2024/01/27م", "2024-01-27"),
    ("15 رجب 1445", None),
    ("منذ ساعتين", "~2023-11-20T10:00"),
    ("منذ ٥ دقائق", "~2023-11-20T11:55"),
    ("قبل ثلاثة أيام", "~2023-11-17T12:00"),
    ("منذ 11 يومًا", "~2023-11-09T12:00"),
    ("منذ يوم", "~2023-11-19T12:00"),
    ("أمس", "~2023-11-19T00:00"),
    ("أول أمس", "~2023-11-18T00:00"),
    ("اليوم 10:15", "~2023-11-20T10:15"),
]


@pytest.mark.parametrize(("text", "expected"), MACHINE)
@pytest.mark.parametrize("language", ["en", "fr", "ar", None])
def test_machine_dates_are_read_alike_in_every_language(
    text: str, expected: str | None, language: str | None
) -> None:
    assert read(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [(tag, *row) for tag, rows in (("en", ENGLISH), ("fr", FRENCH), ("ar", ARABIC)) for row in rows],
)
def test_printed_dates_are_read_as_far_as_they_are_known(
    language: str, text: str, expected: str | None
) -> None:
    assert read(text, language) == expected


@pytest.mark.parametrize(
    ("language", "day_first", "expected"),
    [("en", None, None), (None, None, None), ("en", True, "2023-05-03"),
     ("en", False, "2023-03-05"), ("fr", None, "2023-05-03"), ("fr", False, "2023-03-05"),
     ("en-GB", None, "2023-05-03"),
     ("en_US", None, "2023-03-05"),
     ("ar-MA", None, "2023-05-03")],
)  # fmt: skip
def test_a_numeric_date_needs_an_order(
    language: str | None, day_first: bool | None, expected: str | None
) -> None:
    assert read("03/05/2023", language, day_first=day_first) == expected


def test_a_time_without_a_zone_is_meant_where_the_source_is() -> None:
    assert read("2023-11-16 10:15", time_zone="Africa/Casablanca") == "2023-11-16T09:15"
    assert read("2023-11-16T10:15Z", time_zone="Africa/Casablanca") == "2023-11-16T10:15"
    assert read("16 November 2023", time_zone="Asia/Riyadh") == "2023-11-16"
    late = datetime(2023, 11, 20, 22, 30, tzinfo=UTC)
    stamp = parse_date("today", language="en", now=late, time_zone="Asia/Riyadh", provenance="text")
    assert stamp is not None
    assert stamp.at.day == 21


def test_an_unknown_time_zone_is_a_mistake_in_the_configuration() -> None:
    for name in ("Africa/Nowhere", "../etc/passwd", ""):
        with pytest.raises(ConfigError, match="IANA"):
            read("2023-11-16", time_zone=name)


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        parse_date("today", language="en", now=datetime(2023, 1, 1), provenance="text")  # noqa: DTZ001


def test_a_stamp_says_where_it_came_from() -> None:
    stamp = parse_date("2023-11-16", language=None, now=NOW, provenance="time[datetime]")
    assert stamp == Stamp(
        at=datetime(2023, 11, 16, tzinfo=UTC), precision=Precision.DAY, provenance="time[datetime]"
    )


SOUP = st.lists(
    st.sampled_from("16 7 31 2023 99 000 : / - . , + T Z h am pm م ص ago il y منذ ساعتين أمس".split())
    | st.sampled_from(["yesterday", "November", "mars", "آب"])
    | st.sampled_from(["تشرين الثاني", "Published:", "10:15", "+01:00", "٢٠٢٣", "²", "\ud800", " ", "\n"])
).map(" ".join)  # fmt: skip


@given(
    st.text() | SOUP, st.sampled_from(["en", "fr", "ar", None]), st.sampled_from(["UTC", "Africa/Casablanca"])
)
def test_no_text_raises_and_every_stamp_is_plausible(text: str, language: str | None, time_zone: str) -> None:
    stamp = parse_date(text, language=language, now=NOW, time_zone=time_zone, provenance="text")
    assert stamp is None or (1990 <= stamp.at.year <= 2025 and stamp.at.tzinfo is UTC)


@given(st.datetimes(datetime(1991, 1, 1), datetime(2024, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_an_rfc_3339_moment_is_read_exactly(moment: datetime) -> None:
    text = moment.isoformat(timespec="microseconds")
    if len(text) > 32:
        return  # local mean time of another century: offsets with seconds are not RFC 3339
    stamp = parse_date(text, language="en", now=NOW, provenance="meta")
    assert stamp is not None
    assert stamp.at == datetime.fromisoformat(
        text
    )  # not `moment`: clocks skip hours, and such an hour equals nothing


def stamp(text: str, precision: str) -> Stamp:
    return Stamp(
        at=datetime.fromisoformat(text).replace(tzinfo=UTC), precision=Precision(precision), provenance="text"
    )


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [
        (("2023-11-16T10:00:00", "second"), ("2023-11-16T10:00:01", "second"), True),
        (("2023-11-16T10:00:00", "second"), ("2023-11-16T10:00:00", "second"), False),
        (("2023-11-16T10:00:00", "second"), ("2023-11-16T10:00:30", "minute"), False),
        (("2023-11-16T09:59:59", "second"), ("2023-11-16T10:00:00", "minute"), True),
        (("2023-11-15", "day"), ("2023-11-16", "day"), True),
        (("2023-11-16", "day"), ("2023-11-16", "day"), False),
        (("2023-11-15", "day"), ("2023-11-16T23:00:00", "second"), False),
        (("2023-11-15", "day"), ("2023-11-17T00:00:00", "second"), True),
        (("2023-11-15T01:00:00", "second"), ("2023-11-16", "day"), False),
        (("2023-11-14T23:00:00", "second"), ("2023-11-16", "day"), True),
        (("2023-11-16", "day"), ("2023-11-01", "month"), False),
        (("2023-10-31", "day"), ("2023-11-01", "month"), True),
        (("2023-11-01", "month"), ("2023-12-01", "month"), True),
        (("2023-12-01", "month"), ("2024-01-01", "year"), True),
        (("2023-12-31T22:00:00", "second"), ("2024-01-01", "year"), False),
        (("2023-11-19", "relative"), ("2023-11-20", "day"), False),
        (("2023-11-17", "relative"), ("2023-11-20", "day"), True),
        (("2023-11-19", "relative"), ("2023-11-20", "relative"), True),
    ],
)
def test_older_is_said_at_the_coarser_precision(
    one: tuple[str, str], other: tuple[str, str], older: bool
) -> None:
    assert stamp(*one).older_than(stamp(*other)) is older
    if older:
        assert not stamp(*other).older_than(stamp(*one))
