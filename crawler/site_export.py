"""Sources written back as a site file; what is read from it again is equal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace

from crawler.catalogue import load_site_text
from crawler.site_file import SCHEMA
from news.errors import ConfigError
from news.source import ArticleRules, Channel, RequestRules, Selectors, Source, Wrapper

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def dump_site(sources: Sequence[Source]) -> str:
    """Return a site file (TOML 1.0) for a site's listing and its sections.

    The first source that is named like its site leads (else the first one, which then is a site of its own); the others
    become sections and must share its selectors and the rest. Only listings have a wrapper, and all of them the same.

    Raises:
        ConfigError: there is nothing to write, or a section differs in more than a section may: export it alone.

    >>> source = Source(
    ...     name="a", site="a", url="https://a.example/", wrapper=Wrapper(item=("li",), link=("a",))
    ... )
    >>> load_site_text(dump_site([source]), "a.toml") == (source,)
    True
    """
    if not sources:
        raise ConfigError("there is no source to write: name at least one")
    site = next((source for source in sources if source.name == source.site), sources[0])
    sections = [source for source in sources if source is not site]
    wrapper = next((each.wrapper for each in sources if each.channel is Channel.LISTING), Wrapper())
    for section in sections:
        _check_shared(site, section, wrapper)
    text = (
        "\n".join(
            [
                *_site_lines(site, wrapper),
                *(line for section in sections for line in _section_lines(section, site)),
            ]
        )
        + "\n"
    )
    load_site_text(text, f"the export of {site.name}")  # never write what could not be read again
    return text


_OF_A_SECTION = (
    "name",
    "site",
    "url",
    "page_url",
    "channel",
    "whole_bodies",
    "title",
    "language",
    "schedule",
)
"""What a section may have of its own."""


def _check_shared(site: Source, section: Source, wrapper: Wrapper) -> None:
    shared = replace(
        site,
        **{key: getattr(section, key) for key in _OF_A_SECTION},
        wrapper=wrapper if section.channel is Channel.LISTING else Wrapper(),
    )
    if shared != section:
        different = [
            field.name
            for field in fields(site)
            if getattr(shared, field.name) != getattr(section, field.name)
        ]
        raise ConfigError(
            f"{section.name} differs from {site.name} in {', '.join(different)}: export it into a file of its own"
        )


def _site_lines(site: Source, wrapper: Wrapper) -> list[str]:
    head = {
        "schema": SCHEMA,
        "name": site.name,
        "title": site.title or None,
        "url": site.url,
        "page_url": site.page_url or None,
        "channel": None if site.channel is Channel.LISTING else site.channel.value,
        "whole_bodies": None if site.whole_bodies else False,
        "language": site.language or None,
        "time_zone": site.time_zone,
        "schedule": site.schedule or None,
        "baseline_pages": site.baseline_pages,
        "max_pages": site.max_pages,
    }
    request: dict[str, object] = {
        "delay_seconds": site.request.delay_seconds,
        "user": site.request.user or None,
        "password": site.request.password or None,
        "proxy": site.request.proxy or None,
        "allow_private": site.request.allow_private or None,
        "browser": site.request.browser or None,
        "hosts": list(site.hosts) or None,
    }
    return [
        *_pairs(head.items()),
        *_table("wrapper", _rules(wrapper)),
        *_table("article", _rules(site.article)),
        *_table("request", request if site.request != RequestRules() or site.hosts else {}),
        *_table("request.headers", dict(site.request.headers)),
    ]


def _section_lines(section: Source, site: Source) -> list[str]:
    own = {
        "name": section.name,
        "title": section.title or None,
        "url": section.url,
        "page_url": section.page_url or None,
        "channel": section.channel.value if section.channel is not site.channel else None,
        "whole_bodies": section.whole_bodies if section.whole_bodies != site.whole_bodies else None,
        "language": section.language if section.language != site.language else None,
        "schedule": section.schedule if section.schedule != site.schedule else None,
    }
    return ["", "[[sections]]", *_pairs(own.items())]


def _rules(rules: Wrapper | ArticleRules) -> dict[str, object]:
    values: dict[str, Selectors] = {field.name: getattr(rules, field.name) for field in fields(rules)}
    return {key: value[0] if len(value) == 1 else list(value) for key, value in values.items() if value}


def _table(name: str, values: dict[str, object]) -> list[str]:
    lines = _pairs(values.items())
    return ["", f"[{name}]", *lines] if lines else []


def _pairs(items: Iterable[tuple[str, object]]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in items if value is not None]


def _key(key: str) -> str:
    return key if key and set(key) <= _BARE else _value(key)


def _value(value: object) -> str:
    """Return a TOML value; JSON's strings are TOML's basic strings, save for DEL, which TOML wants escaped."""
    if isinstance(value, list):
        inline = ", ".join(map(_value, value))
        return (
            f"[{inline}]"
            if len(inline) <= 90
            else "[\n" + "".join(f"  {_value(item)},\n" for item in value) + "]"
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
