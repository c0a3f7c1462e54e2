"""Selectors for the link to the next page: by class, by what it says, by the mark of the page that is shown."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.induction.locating import container_steps, indexed, xpath_step
from crawler.induction.pager import NextLink
from crawler.induction.patterns import Finder, Pattern, Step, attribute_steps, class_steps
from crawler.links import link_of
from crawler.selectors import compile_selector
from news.errors import ConfigError
from news.source import Selectors
from news.urls import url_key

MAX_ALTERNATIVES = 3
_CURRENT = ("current", "active", "selected", "this", "cur")


def next_selectors(finder: Finder, link: NextLink) -> Selectors:
    """Return alternatives that find this link on its page, the surest first."""
    found: list[str] = []
    for text in _candidates(finder, link):
        if text not in found and _leads_to(finder, text, link.key):
            found.append(text)
            if len(found) == MAX_ALTERNATIVES:
                break
    return tuple(found)


def _leads_to(finder: Finder, text: str, key: str) -> bool:
    """Tell whether the first usable link that a selector finds is the one that is meant."""
    from news.urls import fetchable_url

    try:
        matches = compile_selector(text).find(finder.view.root)
    except ConfigError:
        return False
    for match in matches:
        href = link_of(match)
        if href is None or href.startswith("#"):
            continue
        try:
            found = url_key(fetchable_url(href, finder.view.base))
        except ValueError:
            continue
        if found != finder.view.key:
            return found == key
    return False


def _candidates(finder: Finder, link: NextLink) -> Iterator[str]:
    view = finder.view
    if link.node < 0:
        yield 'link[rel="next"]'
        return
    place, element = link.node, view.nodes[link.node]
    if "next" in (element.get("rel") or "").lower().split():
        yield 'a[rel~="next"]'
    named = [step for step in class_steps(view, [place]) if _says_next(step)]
    for step in named:
        yield Pattern((step,)).css()
    parent = view.parents[place]
    for step in (one for one in class_steps(view, [parent]) if _says_next(one)):
        yield Pattern((step, Step(tag="a")), (False,)).css()
    containers = [step for _, step in container_steps(finder, [place])][:3]
    yield from _by_words(finder, link, containers)
    yield from _after_current(finder, place)
    for step in (*attribute_steps(view, [place]), *class_steps(view, [place])):
        if len(finder.find(Pattern((step,)))) == 1 and not link.numbered:
            yield Pattern((step,)).css()
    if link.numbered:
        yield from _numbers(finder, place)


def _says_next(step: Step) -> bool:
    text = "-".join(step.classes).lower()
    return any(word in text for word in ("next", "older", "nav-previous", "suivant", "siguiente", "forward"))


def _by_words(finder: Finder, link: NextLink, containers: list[Step]) -> Iterator[str]:
    view = finder.view
    element = view.nodes[link.node]
    text = " ".join("".join(element.itertext()).split())
    inside = [f"//{xpath_step(step)}" for step in containers] + [""]
    for name, value in (
        ("", text),
        ("@aria-label", element.get("aria-label") or ""),
        ("@title", element.get("title") or ""),
    ):
        if not value or len(value) > 60 or "'" in value or value.isdecimal():
            continue
        if any(map(str.isdigit, value)):
            continue  # "Page 2": on the next page it says something else
        test = f"normalize-space(.)='{value}'" if not name else f"{name}='{value}'"
        for start in inside:
            yield f"{start}//a[@href][{test}]"
    image = (
        next((node.get("alt") for node in element.iter("img") if node.get("alt")), None) if not text else None
    )
    if image and "'" not in image:
        yield f"//a[@href][.//img[@alt='{image}']]"


def _after_current(finder: Finder, place: int) -> Iterator[str]:
    """Yield the link behind the mark of the page that is shown: ``li.active + li a``, ``strong`` among links."""
    view = finder.view
    for climbed, tail in ((place, "[self::a]"), (view.parents[place], "//a[@href]")):
        before = next(view.nodes[climbed].itersiblings(preceding=True), None)
        if before is None or before not in view.index or not "".join(before.itertext()).strip().isdecimal():
            continue
        mark = view.index[before]
        behind = f"/following-sibling::*[1]{tail}"
        for name in view.classes[mark]:
            if any(word in name.lower() for word in _CURRENT):
                yield f"//{xpath_step(Step(tag=view.tags[mark], classes=(name,)))}{behind}"
        if view.nodes[mark].get("aria-current"):
            yield f"//{view.tags[mark]}[@aria-current]{behind}"
        elif any(view.nodes[inner].get("aria-current") for inner in range(mark, view.ends[mark])):
            yield f"//{view.tags[mark]}[.//*[@aria-current]]{behind}"
        if view.tags[mark] in ("strong", "b", "em", "span") and climbed == place:
            for _, step in container_steps(finder, [place])[:2]:
                yield f"//{xpath_step(step)}//{view.tags[mark]}/following-sibling::*[1][self::a]"


def _numbers(finder: Finder, place: int) -> Iterator[str]:
    """Yield all links of a numbered pager: the reading takes the one behind the page that is shown."""
    view = finder.view
    for container, step in container_steps(finder, [place]):
        if len(view.anchors_in(container)) <= 40:
            yield Pattern((step, Step(tag="a")), (False,)).css()
    top = view.parents[place]
    path = "/".join(indexed(view, one) for one in reversed([top, *view.up(top)]))
    yield f"/{path}//a[@href]"
