"""Selectors for the items of a group: by class, by meaning and by structure, each exact on the page they come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from crawler.induction.durable import is_durable
from crawler.induction.patterns import (
    Finder,
    Pattern,
    Step,
    attribute_steps,
    class_steps,
    durable_id,
    tag_step,
)
from crawler.induction.view import ANY_TAG, View

_LANDMARKS = frozenset(("main", "article", "section"))
_FOLDER = re.compile(r"/[A-Za-z][A-Za-z_-]{2,30}/")
Holds = Callable[[View, int], bool]
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def item_selectors(finder: Finder, places: Sequence[int]) -> list[str]:
    """Return up to one selector by each kind of evidence, the most telling first; all select exactly these elements.

    By class: names that last, anchored to a container. By meaning: tags, attributes and landmarks, or what an item
    holds. By structure: the path of tags.
    """
    members = list(places)
    found = [
        _first(_by_class(finder, members)),
        _first(_by_meaning(finder, members)),
        _by_structure(finder, members),
    ]
    return list(dict.fromkeys(text for text in found if text))


def _first(texts: Iterator[str]) -> str | None:
    return next(texts, None)


def _by_class(finder: Finder, members: list[int]) -> Iterator[str]:
    view = finder.view
    own = class_steps(view, members)
    containers = container_steps(finder, members)
    for step in own:
        yield from _anchored(finder, step, members, containers)
    for step in own:
        yield from _holding(finder, step, members, containers)
    plain = tag_step(view, members)
    if plain is not None:
        named = [(place, step) for place, step in containers if step.classes or step.id]
        yield from _anchored(finder, plain, members, named)
        yield from _below_classed(finder, plain, members)
        yield from _holding(finder, plain, members, named)


def _by_meaning(finder: Finder, members: list[int]) -> Iterator[str]:
    view = finder.view
    landmarks = [(place, step) for place, step in container_steps(finder, members) if not step.classes]
    for step in attribute_steps(view, members):
        yield from _anchored(finder, step, members, landmarks)
    plain = tag_step(view, members)
    if plain is not None:
        yield from _anchored(finder, plain, members, landmarks)
        yield from _holding(finder, plain, members, landmarks)


def container_steps(finder: Finder, members: list[int]) -> list[tuple[int, Step]]:
    """Return the elements around all members that one step selects, the nearest first."""
    view = finder.view
    lowest = view.common_ancestor(members)
    found: list[tuple[int, Step]] = []
    for place in (lowest, *view.up(lowest)):
        node, tag = view.nodes[place], view.tags[place]
        if tag in ("html", "body"):
            break
        name = durable_id(node)
        steps = [Step(id=name)] if name else []
        steps += class_steps(view, [place])[:12]
        steps += [Step(tag=tag)] if tag in _LANDMARKS else []
        steps += [Step(tag="", attribute="role", value="main")] if node.get("role") == "main" else []
        steps += [
            step for step in attribute_steps(view, [place]) if step.attribute in ("itemtype", "data-testid")
        ]
        unique = [step for step in steps if finder.is_unique(step)]
        found += [(place, step) for step in unique[:3]]
    return found


def _anchored(
    finder: Finder, step: Step, members: list[int], containers: list[tuple[int, Step]]
) -> Iterator[str]:
    """Yield the step within its containers, where exactly the members match; as children where that is needed."""
    view = finder.view
    for place, container in containers:
        inner = finder.find_linked(Pattern((step,)), place + 1, view.ends[place])
        if inner == members:
            yield Pattern((container, step), (False,)).css()
            continue
        if len(inner) < len(members):
            continue
        if [one for one in inner if view.parents[one] == place] == members:
            yield Pattern((container, step), (True,)).css()
            continue
        chain = _chain(view, place, members)
        if chain is not None and len(chain) <= 4:
            pattern = Pattern((container, *chain[:-1], step), (True,) * len(chain))
            if finder.find_linked(pattern) == members:
                yield pattern.css()


def _below_classed(finder: Finder, step: Step, members: list[int]) -> Iterator[str]:
    """Yield ``.list > li`` where the parents of the members share a class, though there are several of them."""
    view = finder.view
    parents = sorted({view.parents[place] for place in members})
    for above in (parents, sorted({view.parents[place] for place in parents})):
        if not above or above[0] <= 0:
            return
        for named in class_steps(view, above)[:6]:
            for child in (True, False):
                pattern = Pattern((named, step), (child,))
                if finder.find_linked(pattern) == members:
                    yield pattern.css()


def _chain(view: View, top: int, members: list[int]) -> list[Step] | None:
    """Return the tags from below ``top`` down to the members, or None if they differ from member to member."""
    chains = set()
    for place in members:
        above = reversed(view.up(place, top + 1))
        chains.add((*(view.tags[one] for one in above), view.tags[place]))
    return [Step(tag=tag) for tag in chains.pop()] if len(chains) == 1 else None


def _holding(
    finder: Finder, step: Step, members: list[int], containers: list[tuple[int, Step]]
) -> Iterator[str]:
    """Yield XPath by what an item holds: a heading with a link, a time, a picture; other elements like it do not.

    Where the items fill a list it is the list that must hold such an item: then none is lost for what it lacks.
    """
    view = finder.view
    wanted = set(members)
    for place, container in [*containers, (0, None)]:
        inner = finder.find_linked(Pattern((step,)), place + 1, view.ends[place])
        if not wanted <= set(inner):
            continue
        others = [one for one in inner if one not in wanted]
        condition = condition_for(view, members, others)
        if condition is None:
            continue
        own = xpath_step(step)
        if _fills_its_lists(view, members, others):
            # An item that lacks a teaser today stands in a list of items that have one.
            yield f"{xpath_of(container)}//*[./{own}{condition}]/{own}"
        else:
            yield f"{xpath_of(container)}//{own}{condition}"


def _fills_its_lists(view: View, members: list[int], others: list[int]) -> bool:
    """Return whether other elements of the kind stand under other parents than the members, who share theirs."""
    lists = {view.parents[one] for one in members}
    return 2 * len(lists) <= len(members) and not any(view.parents[one] in lists for one in others)


def _by_structure(finder: Finder, members: list[int]) -> str | None:
    """Return the path of tags from an element that is sure to be found, with positions, down to the members."""
    view = finder.view
    lowest = view.common_ancestor(members)
    chain = _chain(view, lowest, members)
    top, start = _start_of_path(view, lowest)
    path = "".join(
        f"/{indexed(view, place)}" for place in reversed([lowest, *view.up(lowest)]) if place > top
    )
    if chain is None:
        tags = {view.tags[place] for place in members}
        if len(tags) != 1:
            return None
        step = Step(tag=tags.pop())
        inner = finder.find_linked(Pattern((step,)), lowest + 1, view.ends[lowest])
        end = f"//{step.tag}"
    else:
        inner = [one for one in _follow(view, lowest, chain) if view.anchors_in(one)]
        end = "".join(f"/{step.tag}" for step in chain)
    wanted = set(members)
    if not wanted <= set(inner):
        return None
    others = [one for one in inner if one not in wanted]
    condition = condition_for(view, members, others) if others else ""
    if condition is None:
        return None
    if condition and _fills_its_lists(view, members, others):
        lists, _, own = end.rpartition("/")
        return f"{start}{path}{'//*' if chain is None else lists}[./{own}{condition}]/{own}"
    return f"{start}{path}{end}{condition}"


def condition_for(view: View, members: list[int], others: list[int]) -> str | None:
    """Return what all members hold and no other element does, as a condition of XPath; None if there is nothing."""
    for condition, holds in _CONDITIONS.items():
        if all(holds(view, one) for one in members) and not any(holds(view, one) for one in others):
            return condition
    tags = set.intersection(*(set(view.tags[one + 1 : view.ends[one]]) for one in members))
    tags -= {tag for one in others for tag in view.tags[one + 1 : view.ends[one]]}
    if tags:
        return f"[.//{min(tags)}]"
    children = set.intersection(*({view.tags[child] for child in view.children(one)} for one in members))
    children -= {view.tags[child] for one in others for child in view.children(one)}
    if children:
        return f"[./{min(children)}]"
    names = {name for one in others for name in view.classes[one] if is_durable(name)}
    for name in sorted(names):
        apart = all(name in view.classes[one] for one in others)
        if apart and not any(name in view.classes[one] for one in members):
            return f"[not(contains(concat(' ', normalize-space(@class), ' '), ' {name} '))]"
    return _by_neighbour(view, members, others) or _by_address(view, members, others)


def _by_neighbour(view: View, members: list[int], others: list[int]) -> str | None:
    """Return what stands directly before all members and no other element: the first of several behind a term."""
    before = {_tag_before(view, one) for one in members}
    if len(before) != 1 or before & {_tag_before(view, one) for one in others}:
        return None
    tag = before.pop()
    return f"[preceding-sibling::*[1][self::{tag}]]" if tag and tag != ANY_TAG else None


def _tag_before(view: View, place: int) -> str:
    siblings = view.nodes[place].itersiblings(preceding=True)
    node = next((one for one in siblings if isinstance(one.tag, str)), None)
    at = None if node is None else view.index.get(node)
    return "" if at is None else view.tags[at]


def _by_address(view: View, members: list[int], others: list[int]) -> str | None:
    """Return the condition that a link leads below a folder of the site where only the members' links lead."""
    hrefs = [
        [view.nodes[anchor.node].get("href") or "" for anchor in view.anchors_in(one)] for one in members
    ]
    apart = {view.nodes[anchor.node].get("href") or "" for one in others for anchor in view.anchors_in(one)}
    for folder in {match[0] for href in hrefs[0] for match in _FOLDER.finditer(href)}:
        if all(any(folder in href for href in own) for own in hrefs) and not any(
            folder in href for href in apart
        ):
            return f"[.//a[contains(@href, '{folder}')]]"
    return None


def _start_of_path(view: View, lowest: int) -> tuple[int, str]:
    for place in (lowest, *view.up(lowest)):
        if view.tags[place] == "main" and view.tags.count("main") == 1:
            return place, "//main"
        name = durable_id(view.nodes[place])
        if name and sum(node.get("id") == name for node in view.nodes) == 1:
            return place, f"//*[@id='{name}']"
        if view.tags[place] == "body":
            return place, "//body"
    return 0, "/html"


def _follow(view: View, place: int, chain: list[Step]) -> list[int]:
    level = [place]
    for step in chain:
        level = [child for one in level for child in view.children(one) if view.tags[child] == step.tag]
    return level


def indexed(view: View, place: int) -> str:
    """Return an element as a step of XPath, numbered where the raw page has siblings of its tag."""
    node, tag = view.nodes[place], view.tags[place]
    before = sum(1 for _ in node.itersiblings(tag, preceding=True))
    after = next(node.itersiblings(tag), None) is not None
    return f"{tag}[{before + 1}]" if before or after else tag


def xpath_of(step: Step | None) -> str:
    """Return a container's step as the start of an XPath."""
    return "" if step is None else f"//{xpath_step(step)}"


def xpath_step(step: Step) -> str:
    """Return a step as XPath 1.0."""
    text = step.tag or "*"
    if step.id:
        text += f"[@id='{step.id}']"
    for name in step.classes:
        text += f"[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"
    if step.attribute:
        text += f'[@{step.attribute}="{step.value}"]' if step.value else f"[@{step.attribute}]"
    return text


def _linked_heading(level: str) -> Holds:
    def holds(view: View, place: int) -> bool:
        tags, anchors = view.tags, view.anchors_in(place)
        return any(
            (tags[up] == level and up >= place) for anchor in anchors for up in view.up(anchor.node, place)
        )

    return holds


def _headed_link(view: View, place: int) -> bool:
    return any(view.headings_in(anchor.node) for anchor in view.anchors_in(place))


def _has_time(view: View, place: int) -> bool:
    return "time" in view.tags[place : view.ends[place]]


def _has_link(view: View, place: int) -> bool:
    return any(view.nodes[i].get("href") for i in range(place, view.ends[place]) if view.tags[i] == "a")


def _has_tag(tag: str) -> Holds:
    def holds(view: View, place: int) -> bool:
        return tag in view.tags[place + 1 : view.ends[place]]

    return holds


_CONDITIONS = {
    **{f"[.//{level}//a[@href]]": _linked_heading(level) for level in _HEADINGS},
    "[.//a[@href][.//h1 or .//h2 or .//h3 or .//h4]]": _headed_link,
    "[.//time]": _has_time,
    **{f"[.//{tag}]": _has_tag(tag) for tag in ("h2", "h3", "h4", "img", "p", "td", "span", "strong", "b")},
    "[.//a[@href]]": _has_link,
}
