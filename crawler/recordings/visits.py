"""Which recorded answer a request gets: the n-th visit gets the n-th answer."""

import re
from collections import Counter
from urllib.parse import urlsplit

from crawler.recordings.model import RecordedAnswer, Recording
from news.errors import NotRecordedError

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_HIDDEN = re.compile(r"%5Bsecret%5D")

_Key = tuple[str, str]


class Visits:
    """The answers of a recording, given out in order for each method and URL.

    Only robots.txt may be asked for more often than it was recorded: it is kept between crawls, and when it is
    read again is no part of a crawl.

    Args:
        recording: the recording.
        name: its path, for messages.
    """

    def __init__(self, recording: Recording, name: str) -> None:
        self._name = name
        self._answers: dict[_Key, list[RecordedAnswer]] = {}
        self._spellings: dict[_Key, _Key] = {}
        self._seen: Counter[_Key] = Counter()
        for answer in recording.answers:
            key = (answer.method, answer.url)
            self._answers.setdefault(key, []).append(answer)
            self._spellings.setdefault((answer.method, same_escapes(answer.url)), key)

    def next_answer(self, method: str, url: str, *, conditional: bool) -> RecordedAnswer:
        """The answer to the next visit of a URL.

        Args:
            method: in capitals.
            url: as it would be fetched. Its exact spelling is looked for first, then the same with
                percent-escapes in the other case (RFC 3986, 6.2.2.1).
            conditional: whether the request carries a validator.

        Raises:
            NotRecordedError: the URL was never asked for, or not as often, or not with validators.
        """
        key = (method, url)
        if key not in self._answers:
            key = self._spellings.get((method, same_escapes(url)), key)
        answers = self._answers.get(key)
        if not answers:
            raise self._missing(method, url, "was never asked for")
        visit = self._seen[key]
        self._seen[key] += 1
        if visit >= len(answers) and urlsplit(url).path != "/robots.txt":
            times = "once" if len(answers) == 1 else f"{len(answers)} times"
            raise self._missing(method, url, f"was asked for {times}, this is visit {visit + 1}")
        answer = answers[min(visit, len(answers) - 1)]
        if answer.status == 304 and not conditional:
            raise self._missing(method, url, "was recorded as not modified, but asked without validators")
        return answer

    def _missing(self, method: str, url: str, why: str) -> NotRecordedError:
        return NotRecordedError(f"{method} {url} {why} in {self._name}; record the crawl again, or mend that")


def same_escapes(url: str) -> str:
    """The URL with its percent-escapes in capitals.

    >>> same_escapes("https://example.org/%d8%a3")
    'https://example.org/%D8%A3'
    """
    upper = _ESCAPE.sub(lambda match: match[0].upper(), url)
    return _HIDDEN.sub("[secret]", upper)
