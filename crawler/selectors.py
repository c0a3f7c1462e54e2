"""Selectors of a site file: CSS, or XPath 1.0 where the text starts with ``/``, ``./`` or ``(``.

They are operators' data, so they are checked when they are loaded: functions outside XPath 1.0, variables and
namespaces are refused (some libraries read files or run regular expressions through them), and so is what can never
give an element or a text. CSS follows the W3C's Selectors, level 3, with parsel's ``::text`` and ``::attr(name)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

from cssselect import SelectorError
from cssselect.parser import parse as parse_css
from lxml import etree
from lxml.html import HtmlElement, document_fromstring
from parsel.csstranslator import HTMLTranslator

from crawler.markup import is_element
from news.errors import ConfigError
from news.source import Selectors

Match = HtmlElement | str
"""What a selector finds: an element, or the value of an attribute or text."""

MAX_SELECTOR_CHARS = 1_000
_XPATH_START = ("/", "./", "(")
_FUNCTIONS = frozenset(
    "last position count id local-name namespace-uri name string concat starts-with contains substring-before "
    "substring-after substring string-length normalize-space translate boolean not true false lang number sum floor "
    "ceiling round".split()
)
_NODE_TESTS = frozenset(("comment", "text", "node", "processing-instruction"))
_OPERATORS = frozenset(("and", "or", "div", "mod"))
_LITERAL = re.compile(r"\"[^\"]*\"|'[^']*'")
_CALL = re.compile(r"(?<![\w.-])([\w.-]++(?::[\w.-]++)?)\s*+\(")
_PREFIX = re.compile(r"(?<![:\w.-])([\w.-]+)\s*:(?!:)")
_VALUE_END = re.compile(r"(?:@[\w-]+|@\*|text\(\))(?:\[[^\]]*\])*\s*\)?\s*$")
_ABSOLUTE = re.compile(r"\(*\s*/")
_T = TypeVar("_T")


class Rule:
    """One compiled selector: ``text`` as written, ``absolute`` if it starts at the page's root wherever it is asked,
    ``values`` if it gives strings and no elements.
    """

    __slots__ = ("_evaluate", "absolute", "text", "values")

    def __init__(self, text: str, xpath: etree.XPath, *, absolute: bool, values: bool) -> None:
        self.text = text
        self.absolute = absolute
        self.values = values
        self._evaluate = xpath

    def __repr__(self) -> str:
        return f"Rule({self.text!r})"

    def find(self, node: HtmlElement) -> list[Match]:
        """Return everything that matches in or at ``node``, in document order."""
        found = self._evaluate(node)
        if isinstance(found, str):
            return [str(found)] if found.strip() else []
        if not isinstance(found, list):
            return []
        return [str(match) if isinstance(match, str) else match for match in found if _usable(match)]

    def elements(self, node: HtmlElement) -> list[HtmlElement]:
        """Return the elements that match in or at ``node``."""
        return [match for match in self.find(node) if not isinstance(match, str)]


def _usable(match: object) -> bool:
    return bool(match.strip()) if isinstance(match, str) else is_element(match)


@lru_cache(maxsize=4096)
def compile_selector(text: str) -> Rule:
    """Return the compiled rule of one selector; compiling again costs nothing.

    Raises:
        ConfigError: it is empty, too long, not well-formed, uses more than XPath 1.0, or gives numbers or booleans.
    """
    if not text.strip():
        raise ConfigError("a selector is empty: write CSS or XPath, or leave the key out")
    if len(text) > MAX_SELECTOR_CHARS:
        raise ConfigError(
            f"a selector has {len(text)} characters, more than {MAX_SELECTOR_CHARS}: {text[:60]!r}…"
        )
    stripped = text.strip()
    is_xpath = stripped.startswith(_XPATH_START)
    expression, values = (stripped, bool(_VALUE_END.search(stripped))) if is_xpath else _from_css(stripped)
    if is_xpath:
        _check_names(stripped)
    try:
        xpath = etree.XPath(expression, regexp=False, smart_strings=False)
        result = xpath(_probe())
    except (etree.XPathError, ValueError, TypeError) as error:
        raise ConfigError(
            f"the selector {text!r} is not valid {'XPath 1.0' if is_xpath else 'CSS'}: {error}"
        ) from None
    if not isinstance(result, (list, str)):
        raise ConfigError(
            f"the selector {text!r} gives a {type(result).__name__}: it must find elements or text"
        )
    absolute = is_xpath and bool(_ABSOLUTE.match(stripped))
    return Rule(text, xpath, absolute=absolute, values=values or isinstance(result, str))


def first_matching(node: HtmlElement, alternatives: Selectors) -> list[Match]:
    """Return everything that the first alternative with a match finds, or nothing."""
    for text in alternatives:
        found = compile_selector(text).find(node)
        if found:
            return found
    return []


def first_value(node: HtmlElement, alternatives: Selectors, read: Callable[[Match], _T | None]) -> _T | None:
    """Return the first value that ``read`` makes of a match: alternatives in order, then matches in document order.

    A match that gives nothing (an empty heading, a date that is none) lets the next one have its turn.
    """
    for text in alternatives:
        for match in compile_selector(text).find(node):
            value = read(match)
            if value:
                return value
    return None


def elements_matching(node: HtmlElement, alternatives: Iterable[str]) -> list[HtmlElement]:
    """Return the elements that any of the selectors finds, each once."""
    found = {
        id(element): element for text in alternatives for element in compile_selector(text).elements(node)
    }
    return list(found.values())


def _from_css(text: str) -> tuple[str, bool]:
    """Return a CSS selector as XPath, and whether it gives strings."""
    try:
        parsed = parse_css(text)
        xpath = HTMLTranslator().css_to_xpath(text)
    except (SelectorError, RecursionError) as error:
        raise ConfigError(f"the selector {text!r} is not valid CSS: {error}") from None
    if any(name in xpath for name in ("re:", "set:", "has-class(")):
        raise ConfigError(f"the selector {text!r} needs more than XPath 1.0")
    return xpath, all(selector.pseudo_element is not None for selector in parsed)


def _check_names(xpath: str) -> None:
    """Refuse functions that XPath 1.0 has not, prefixes and variables."""
    bare = _LITERAL.sub('""', xpath)
    if "$" in bare:
        raise ConfigError(f"the selector {xpath!r} uses a variable: there are none")
    for name in _CALL.findall(bare):
        local = name.rpartition("::")[2]
        if local not in _FUNCTIONS and local not in _NODE_TESTS and local not in _OPERATORS:
            raise ConfigError(f"the selector {xpath!r} calls {local}(), which XPath 1.0 does not have")
    prefix = _PREFIX.search(bare)
    if prefix:
        raise ConfigError(
            f"the selector {xpath!r} uses the namespace {prefix[1]!r}: HTML is read without namespaces"
        )


@lru_cache(maxsize=1)
def _probe() -> HtmlElement:
    """Return a small page on which every selector is tried once: calls with wrong arguments fail only when run."""
    return document_fromstring("<html><body><p class='a' id='b'><a href='/'>c</a></p></body></html>")
