"""Asking for pages during a discovery: every address once, within a budget, and every answer kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from scrapy.http import Response

from news.errors import UrlError
from news.run import Trouble
from news.urls import fetchable_url

MAX_REQUESTS = 24
"""What one discovery asks for at most, robots.txt aside; most need four to fifteen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came for an address.

    ``response`` stands where redirects led; ``permanent`` says that there were some, all of them for good (301, 308).
    """

    url: str
    response: Response
    permanent: bool = False

    @property
    def final_url(self) -> str:
        """Return where the answer stands, as it can be asked for again."""
        return fetchable_url(self.response.url)

    @property
    def moved(self) -> bool:
        """Say whether redirects led elsewhere."""
        return self.final_url != self.url

    @property
    def ok(self) -> bool:
        """Say whether the status is one of success."""
        return 200 <= self.response.status < 300

    @property
    def kind(self) -> str:
        """Return the media type that the answer claims, in lower case and without parameters."""
        header = self.response.headers.get(b"Content-Type") or b""
        return header.decode("latin-1").partition(";")[0].strip().lower()


@dataclass(frozen=True, kw_only=True, slots=True)
class NoAnswer:
    """Why nothing came for an address: the kind of trouble, and a line that says it."""

    url: str
    trouble: Trouble
    detail: str


Ask = Callable[[str], Awaitable["Answer | NoAnswer"]]
"""Asks for one address and follows redirects. It never raises for what a site or a network does."""


class Inquirer:
    """Asks for each address at most once, and for no more than ``budget`` of them.

    Where a redirect led counts as asked: the page that two addresses lead to is not asked for twice. ``unasked`` counts
    what the budget left out.
    """

    def __init__(self, ask: Ask, *, budget: int = MAX_REQUESTS) -> None:
        self._ask = ask
        self._answers: dict[str, Answer | NoAnswer] = {}
        self._left_out: set[str] = set()
        self.left = budget

    @property
    def unasked(self) -> int:
        """Return how many addresses were not asked for since the budget was spent."""
        return len(self._left_out)

    def known(self, url: str) -> Answer | NoAnswer | None:
        """Return what came for an address before, None where it was not asked for."""
        try:
            return self._answers.get(fetchable_url(url))
        except UrlError:
            return None

    async def ask(self, url: str) -> Answer | NoAnswer:
        """Return what comes, or came, for an address."""
        try:
            url = fetchable_url(url)
        except UrlError as error:
            return NoAnswer(url=url, trouble=Trouble.STATUS, detail=str(error))
        if url in self._answers:
            return self._answers[url]
        if self.left <= 0:
            self._left_out.add(url)
            return NoAnswer(url=url, trouble=Trouble.RETRY_LATER, detail="the discovery has asked enough")
        self.left -= 1
        return self.keep(url, await self._ask(url))

    def keep(self, url: str, answer: Answer | NoAnswer) -> Answer | NoAnswer:
        """Remember an answer that came in another way, under its own address and where it led."""
        self._answers[url] = answer
        if isinstance(answer, Answer) and answer.ok:
            self._answers.setdefault(answer.final_url, answer)
        return answer
