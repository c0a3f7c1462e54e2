"""The form of a site file: its keys, what they may hold, and the sources that it declares.

Every rule here is strict: a key that is misspelt or a selector that cannot work would otherwise show as silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from crawler.extraction.languages import language_tag
from crawler.selectors import compile_selector
from news.errors import ConfigError, UrlError
from news.source import DESCRIBED, ArticleRules, Channel, RequestRules, Source, Wrapper
from news.urls import fetchable_url, host_key
from storage.adaptive import check_source_schedule

SCHEMA = 1
SECRET_PREFIX = "env:"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_SECRET = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]{0,127}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # a token of RFC 9110 §5.6.2
_SECRET_HEADER = re.compile(r"authorization|cookie|token|secret|password|api-?key|x-.*key", re.IGNORECASE)
_OUR_HEADERS = frozenset(
    "host content-length transfer-encoding connection te upgrade user-agent accept-encoding if-none-match "
    "if-modified-since if-match if-unmodified-since if-range range".split()
)
_PROXY = re.compile(r"(?:https?|socks[45]h?)://[^\s/@]+/?")


def _refuse(reason: object) -> PydanticCustomError:
    return PydanticCustomError("site_file", "{reason}", {"reason": str(reason)})


def _one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise _refuse("it is empty or holds characters that cannot be shown")
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise _refuse(f"{text!r} is no name: use lower-case letters, digits, '-' and '_', at most 63")
    return text


def _url(text: str) -> str:
    try:
        fetchable_url(text)
    except UrlError as error:
        raise _refuse(error) from None
    return text


def _host(text: str) -> str:
    try:
        if "/" in text or host_key(f"https://{text}") != text:
            raise _refuse(
                f"{text!r} is no host: write it in lower case and without 'www.', such as 'news.example.org'"
            )
    except UrlError as error:
        raise _refuse(error) from None
    return text


def _language(text: str) -> str:
    if text and language_tag(text) != text:
        hint = language_tag(text) or "a code such as 'en', 'fr', 'ar' or 'zh-Hant'"
        raise _refuse(f"{text!r} is no language that we know: write {hint}")
    return text


def _secret(text: str) -> str:
    if text and not _SECRET.fullmatch(text):
        raise _refuse("a secret is never written into a site file: name an environment variable, 'env:NAME'")
    return text


def _proxy(text: str) -> str:
    if text.startswith(SECRET_PREFIX) or not text or "@" in text:
        return _secret(text)
    if not _PROXY.fullmatch(text):
        raise _refuse("write a proxy as 'http://host:port', or as 'env:NAME' if it needs a password")
    return text


def _headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise _refuse(f"{name!r} is no name of a header")
        if name.lower() in _OUR_HEADERS:
            raise _refuse(f"{name!r} is set by tidings itself: leave it out")
        if not value.isprintable() or not value.isascii():
            raise _refuse(f"the value of {name!r} holds line ends or characters beyond ASCII")
        if value.startswith(SECRET_PREFIX) or _SECRET_HEADER.search(name):
            try:
                _secret(value)
            except PydanticCustomError as error:
                raise _refuse(f"{name!r}: {error.message()}") from None
    if len({name.lower() for name in headers}) < len(headers):
        raise _refuse("a header is given twice, in different cases")
    return headers


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _selectors(*, elements: bool = False, relative: bool = False) -> Callable[[list[str]], list[str]]:
    def check(texts: list[str]) -> list[str]:
        reasons = [
            reason
            for text in texts
            if (reason := _selector_fault(text, elements=elements, relative=relative))
        ]
        if reasons:
            raise _refuse("; ".join(reasons))
        return texts

    return check


def _selector_fault(text: str, *, elements: bool, relative: bool) -> str | None:
    try:
        rule = compile_selector(text)
    except ConfigError as error:
        return str(error)
    if elements and rule.values:
        return f"the selector {text!r} gives text: here it must find elements"
    if relative and rule.absolute:
        return f"the selector {text!r} starts at the page's root, so every item would get the first match: write './/…'"
    return None


_List = Annotated[list[str], BeforeValidator(_as_list)]
Line = Annotated[str, Field(max_length=300), AfterValidator(_one_line)]
Address = Annotated[str, AfterValidator(_url)]
Name = Annotated[str, AfterValidator(_name)]
Language = Annotated[str, AfterValidator(_language)]
Secret = Annotated[str, AfterValidator(_secret)]
Anywhere = Annotated[_List, AfterValidator(_selectors())]
Elements = Annotated[_List, AfterValidator(_selectors(elements=True))]
InItem = Annotated[_List, AfterValidator(_selectors(relative=True))]
ElementsInItem = Annotated[_List, AfterValidator(_selectors(elements=True, relative=True))]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WrapperTable(_Table):
    """``[wrapper]``: how the listing becomes entries; all but ``item`` and ``next_page`` is looked for in an item.

    A list that the page describes for machines says itself where its links are.
    """

    item: Annotated[Elements, Field(min_length=1)]
    link: InItem = Field([], validate_default=True)
    title: InItem = []
    date: InItem = []
    summary: InItem = []
    body: ElementsInItem = []
    next_page: Anywhere = []

    @field_validator("link")
    @classmethod
    def _needed(cls, link: list[str], info: ValidationInfo) -> list[str]:
        if link or info.data.get("item") in ([DESCRIBED], None):  # a fault of the items is told already
            return link
        raise PydanticCustomError("missing", "is missing")


class ArticleTable(_Table):
    """``[article]``: how an article's own page is read, after its JSON-LD and meta tags."""

    title: Anywhere = []
    body: Elements = []
    date: Anywhere = []
    author: Anywhere = []
    remove: Elements = []


class RequestTable(_Table):
    """``[request]``: how the site wants to be asked."""

    delay_seconds: Annotated[float, Field(ge=0, le=3_600, allow_inf_nan=False)] = 1.0
    headers: Annotated[dict[str, str], AfterValidator(_headers)] = {}
    user: Secret = ""
    password: Secret = ""
    proxy: Annotated[str, AfterValidator(_proxy)] = ""
    allow_private: bool = False
    browser: bool = False
    hosts: list[Annotated[str, AfterValidator(_host)]] = []

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.user) != bool(self.password):
            raise _refuse("'user' and 'password' belong together: one of them is missing")
        return self


def _schedule(text: str) -> str:
    try:
        check_source_schedule(text, "UTC")
    except ConfigError as error:
        raise _refuse(error) from None
    return text


def _time_zone(name: str) -> str:
    try:
        check_source_schedule("1d", name)
    except ConfigError as error:
        raise _refuse(error) from None
    return name


Schedule = Annotated[str, AfterValidator(_schedule)]
ChannelName = Literal["listing", "feed", "wordpress", "sitemap"]


class SectionTable(_Table):
    """``[[sections]]``: another listing of the same site; those that are HTML are read with the same wrapper."""

    name: Name
    url: Address
    page_url: Address | None = None
    channel: ChannelName | None = None
    whole_bodies: bool | None = None
    title: Line | None = None
    language: Language | None = None
    schedule: Schedule | None = None


class SiteTable(_Table):
    """A whole site file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    form: Annotated[Literal[1], Field(alias="schema")]
    name: Name
    title: Line | None = None
    url: Address
    page_url: Address | None = None
    channel: ChannelName = "listing"
    whole_bodies: bool | None = None
    language: Language = ""
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    schedule: Schedule | None = None
    baseline_pages: Annotated[int, Field(ge=1, le=1_000)] = 1
    max_pages: Annotated[int, Field(ge=1, le=10_000)] = 10
    sections: list[SectionTable] = []
    wrapper: Annotated[WrapperTable | None, Field(validate_default=True)] = None
    article: ArticleTable = ArticleTable()
    request: RequestTable = RequestTable()

    @field_validator("wrapper")
    @classmethod
    def _needed(cls, wrapper: WrapperTable | None, info: ValidationInfo) -> WrapperTable | None:
        """A listing cannot be read without selectors, and nothing else is read with any."""
        channels = _channels(info.data)
        if channels is None:
            return wrapper  # what is wrong with the channels is told already
        if wrapper is None and "listing" in channels:
            raise PydanticCustomError("missing", "is missing")
        if wrapper is not None and "listing" not in channels:
            raise _refuse("nothing in this file is read with it: leave it out, or say channel = 'listing'")
        return wrapper

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.baseline_pages > self.max_pages:
            raise _refuse(f"baseline_pages ({self.baseline_pages}) is more than max_pages ({self.max_pages})")
        names = [self.name, *(section.name for section in self.sections)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise _refuse(f"these names stand in the file twice: {', '.join(twice)}")
        return self

    def sources(self) -> tuple[Source, ...]:
        """Return the site's own listing and those of its sections."""
        site = Source(
            name=self.name,
            site=self.name,
            title=self.title or "",
            url=self.url,
            page_url=self.page_url or "",
            channel=Channel(self.channel),
            whole_bodies=self.whole_bodies is not False,
            language=self.language,
            time_zone=self.time_zone,
            schedule=self.schedule or "",
            baseline_pages=self.baseline_pages,
            max_pages=self.max_pages,
            wrapper=self._wrapper(self.channel),
            article=ArticleRules(**_tuples(self.article)),
            request=RequestRules(
                delay_seconds=self.request.delay_seconds,
                headers=tuple(self.request.headers.items()),
                user=self.request.user,
                password=self.request.password,
                proxy=self.request.proxy,
                allow_private=self.request.allow_private,
                browser=self.request.browser,
            ),
            hosts=tuple(self.request.hosts),
        )
        return (site, *(self._section(site, section) for section in self.sections))

    def _wrapper(self, channel: str) -> Wrapper:
        return (
            Wrapper(**_tuples(self.wrapper))
            if self.wrapper is not None and channel == "listing"
            else Wrapper()
        )

    def _section(self, site: Source, section: SectionTable) -> Source:
        channel = section.channel or self.channel
        return replace(
            site,
            name=section.name,
            url=section.url,
            page_url=section.page_url or "",
            channel=Channel(channel),
            wrapper=self._wrapper(channel),
            whole_bodies=site.whole_bodies if section.whole_bodies is None else section.whole_bodies,
            title=section.title or "",
            language=site.language if section.language is None else section.language,
            schedule=section.schedule or site.schedule,
        )


def _channels(data: dict[str, Any]) -> set[str] | None:
    """Return the channels in which a file's sources are read, or None where they could not be read."""
    if "channel" not in data or "sections" not in data:
        return None
    own: str = data["channel"]
    return {own, *(section.channel or own for section in data["sections"])}


def _tuples(table: BaseModel) -> dict[str, tuple[str, ...]]:
    return {key: tuple(value) for key, value in table.model_dump().items()}
