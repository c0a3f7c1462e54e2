"""Which class names and ids last: those that a person chose for what a thing is, not a build tool, a grid or a post."""

from __future__ import annotations

import re
from functools import lru_cache

MIN_NAME_CHARS = 4

_NAME = re.compile(r"-?[A-Za-z_][A-Za-z0-9_-]*\Z")
_GENERATED = re.compile(
    r"(?:css|sc|jsx|jss|emotion|svelte|astro|styled|chakra|makestyles|mui|tss|data-v|wf|elementor-element)[-_]"
    r"(?=[a-z-]*\d|[A-Za-z0-9]{5,}\Z)|__?x[0-9a-f]{3,}|\Aw-node-|\Acss-|\Asc-|\Ajsx-|\Aastro-|\Asvelte-",
    re.IGNORECASE,
)
_HASHED_TAIL = re.compile(r"(?:__|--|_|-)(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{5,}\Z")
_MIXED = re.compile(r"(?=[A-Za-z]*[A-Z])(?=[A-Za-z]*[a-z])[A-Za-z]*\d[A-Za-z0-9]*\Z")
_CSS_MODULE = re.compile(r"(?:__|_)[A-Za-z0-9+-]{5,8}\Z")
_UTILITY = re.compile(
    r"(?:(?:sm|md|lg|xl|2xl|xs|hover|focus|dark|print|group|first|last|odd|even)[:-].*"
    r"|-?(?:m|p)[trblxyse]?-(?:\d+|auto|px|\[.*)|(?:gap|space|inset|top|left|right|bottom|z|order|opacity|leading|tracking)"
    r"-(?:[xy]-)?[\d\[]\S*|(?:col|cols|row|grid|span|offset|g|gx|gy|column|columns|large|medium|small)(?:-[a-z]+)*-\d+(?:-\d+)?"
    r"|(?:w|h|min|max|size|basis)-(?:[whfull\d\[]\S*|screen|auto|px)|(?:text|font|bg|border|rounded|shadow|ring|fill|stroke|from|to|via)"
    r"(?:-[a-z0-9/\[\]#.%]+)*|(?:flex|grid|block|inline|hidden|table|container|row|column|columns|wrapper|inner|outer|clearfix|"
    r"relative|absolute|static|sticky|fixed|float|align|justify|items|self|content|place|overflow|object|cursor|transition|"
    r"duration|ease|transform|animate|truncate|uppercase|lowercase|italic|underline|antialiased|visible|invisible|pull|center|"
    r"d|no|ms|me|mx|my|mb|mt|ml|mr|pb|pt|pl|pr|px|py|has|is|wow|fadein|fadeinup|aos|lazy|lazyload|lazyloaded|js)"
    r"(?:-(?:\d+|auto|none|start|end|center|between|around|evenly|stretch|baseline|cover|contain|hidden|visible|wrap|nowrap|"
    r"col|row|reverse|grow|shrink|block|inline|flex|grid|left|right|top|bottom|fluid|sm|md|lg|xl|full|init|animation|[a-z]+))*)\Z",
    re.IGNORECASE,
)
# What software writes on each item: its number, state, place in the row, taxonomy; none of it says "an item".
_PER_ITEM = re.compile(
    r"(?:(?:post|item|node|article|entry|category|cat|tag|format|status|type|author|id|page|menu-item|term|comment|story|news|"
    r"product|card|row|uk|is|views-row|section|block|cell|col|slide|listing|element)[-_]?\d+"
    r"|(?:category|tag|format|status|type|author|taxonomy)[-_].*|.*[-_](?:first|last|odd|even|active|current|hover|visited)"
    r"|first|last|odd|even|sticky|alternate|alt|active|current|selected|visited|featured|promoted|has-post-thumbnail|"
    r"no-post-thumbnail|publish|unread|read|new|visible|hidden|loaded|animated|hentry-\d+)\Z",
    re.IGNORECASE,
)


@lru_cache(maxsize=16384)
def is_durable(name: str) -> bool:
    """Tell whether a class or id may stand in a stored selector.

    >>> [
    ...     is_durable(name)
    ...     for name in ("entry-title", "css-1x2y3z", "mt-4", "post-1234", "category-news", "news__kR3x9")
    ... ]
    [True, False, False, False, False, False]
    """
    if len(name) < MIN_NAME_CHARS or len(name) > 60 or not _NAME.match(name):
        return False
    if sum(map(str.isdigit, name)) >= 2 or _UTILITY.match(name) or _PER_ITEM.match(name):
        return False
    return not (_GENERATED.search(name) or _HASHED_TAIL.search(name) or _has_hash(name))


def _has_hash(name: str) -> bool:
    """Tell a token that no person types: letters of both cases with a digit, or a tail without vowels."""
    tokens = re.split(r"[-_]+", name)
    if any(len(token) >= 4 and _MIXED.match(token) for token in tokens):
        return True
    tail = _CSS_MODULE.search(name)
    if tail is None:
        return False
    letters = tail[0].lstrip("_")
    inner = letters[1:]
    return (any(map(str.isupper, inner)) and any(map(str.islower, letters))) or not re.search(
        "[aeiouy]", letters.lower()
    )


@lru_cache(maxsize=8192)
def durable_classes(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the class names that last, in their order."""
    return tuple(name for name in names if is_durable(name))


@lru_cache(maxsize=8192)
def grouping_classes(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the classes under which items of one page are alike: all but those that number or sort single items."""
    return tuple(sorted(_NUMBER_TAIL.sub("", name) for name in names if not _PER_ITEM.match(name)))


_NUMBER_TAIL = re.compile(
    r"[-_]?(?<!\d)\d++\Z"
)  # a number is looked at once, and not from each of its digits
