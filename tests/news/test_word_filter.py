"""Words of subscriptions: what they let in, why, and that no rule can be slow."""

from __future__ import annotations

import time

import pytest

from news.errors import ConfigError
from news.word_filter import MOST_CHARACTERS, MOST_RULES, Matched, checked, word_filter, word_rule

TITLE = "L’École des métiers ouvre à Tunis"
BODY = "The drinking water of the oasis. وزير الثقافة في المدرسة. 新闻中心"


@pytest.mark.parametrize(
    ("include", "exclude", "told", "why"),
    [
        ((), (), True, None),
        (("ecole",), (), True, ("ecole", "title")),
        (("ÉCOLE des métiers",), (), True, ("ÉCOLE des métiers", "title")),
        (("des ecole",), (), False, None),
        (("water",), (), True, ("water", "body")),
        (("title:water",), (), False, None),
        (("body: drinking water",), (), True, ("body: drinking water", "body")),
        (("Title:tunis",), (), True, ("Title:tunis", "title")),
        (("unicorn", "oasis"), (), True, ("oasis", "body")),
        (("مدرسه",), (), True, ("مدرسه", "body")),
        (("闻中",), (), True, ("闻中", "body")),
        (("tunis the",), (), False, None),  # no phrase reaches from the title into the text
        ((), ("unicorn",), True, None),
        ((), ("oasis",), False, None),
        (("water",), ("title:oasis",), True, ("water", "body")),
        (("water",), ("tunis",), False, None),
        (("wat",), (), False, None),
        (("tunis + oasis",), (), True, ("tunis + oasis", "body")),
        (("title:ecole + tunis",), (), True, ("title:ecole + tunis", "title")),
        (("tunis + title:oasis",), (), False, None),
        (("tunis+oasis",), (), False, None),  # without spaces it is written together
        (("C++ + oasis + ?",), (), False, None),
        (("oasis + ?!",), (), True, ("oasis + ?!", "body")),
        (("oasis",), ("tunis + unicorn",), True, ("oasis", "body")),
        (("oasis",), ("tunis + water",), False, None),
        ((".*",), (), None, None),
        (("(a+)+$",), (), True, ("(a+)+$", "title")),  # the word à
    ],
)
def test_words_let_in_and_say_why(
    include: tuple[str, ...], exclude: tuple[str, ...], told: bool | None, why: tuple[str, str] | None
) -> None:
    if told is None:
        with pytest.raises(ConfigError, match="has no word"):
            word_filter(include, exclude)
        return
    is_in, reason = word_filter(include, exclude).judge(TITLE, BODY)
    assert is_in is told
    assert reason == (
        None if why is None else Matched(words=why[0], part="title" if why[1] == "title" else "body")
    )


@pytest.mark.parametrize("rule", ["", "  ", "title:", "?!", "! + ?!", " + ", "a" * (MOST_CHARACTERS + 1)])
def test_a_rule_without_words_is_refused(rule: str) -> None:
    with pytest.raises(ConfigError, match="words: "):
        word_rule(rule)


def test_too_many_rules_are_refused() -> None:
    with pytest.raises(ConfigError, match="several subscriptions"):
        word_filter([f"word{number}" for number in range(MOST_RULES + 1)])


def test_rules_are_kept_once_and_on_one_line() -> None:
    assert checked(["drinking\n water", "drinking water", "title: x"]) == ("drinking water", "title: x")


@pytest.mark.parametrize("text", ["a " * 150_000, "a" * 300_000, "a'" * 100_000])
def test_no_text_makes_a_rule_slow(text: str) -> None:
    rules = word_filter([" ".join("a" * 90) + " b", "a a a a b", *(f"word{number}" for number in range(90))])
    began = time.process_time()
    assert rules.judge("title", text) == (False, None)
    assert time.process_time() - began < 3
