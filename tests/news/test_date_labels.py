"""A line that says when something was changed does not say when it was published."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.date_labels import change_part, ends_in_change, publication_part
from news.dates import parse_date

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

CHANGES = [
    "Last updated 3 March 2026",
    "Updated: 2026-03-03",
    "Updated on Tuesday, 3 March 2026",
    "This page was last modified on 3 March 2026",
    "Last edited 3 March 2026",
    "Date modified: 2026-03-03",
    "Update: 3 March 2026",
    "Mis à jour le 3 mars 2026",
    "Dernière mise à jour : 3 mars 2026",
    "Modifié le 3 mars 2026",
    "Actualisé le 3 mars 2026",
    "آخر تحديث: 3 مارس 2026",
    "تم التحديث في 3 مارس 2026",
    "تاريخ التعديل 3 مارس 2026",
    "Zuletzt aktualisiert am 3.3.2026",
    "Actualizado el 2026-03-03",
    "Обновлено 2026-03-03",
    "更新日：2026-03-03",
    "2026-03-03 更新",
    "수정 2026-03-03",
]


@pytest.mark.parametrize("text", CHANGES)
def test_a_line_of_a_change_states_no_publication(text: str) -> None:
    assert parse_date(text, language="fr", now=NOW, provenance="text") is None
    changed = parse_date(change_part(text), language="fr", now=NOW, provenance="text")
    assert changed is not None
    assert str(changed.at.date()) == "2026-03-03"


@pytest.mark.parametrize(
    ("text", "published", "changed"),
    [
        ("Published 1 March 2026, updated 3 March 2026", "2026-03-01", "2026-03-03"),
        ("Updated 3 March 2026 | Published 1 March 2026", "2026-03-01", "2026-03-03"),
        ("1 March 2026 (modified 3 March 2026)", "2026-03-01", "2026-03-03"),
        ("Publié le 1 mars 2026, mis à jour le 3 mars 2026", "2026-03-01", "2026-03-03"),
        ("نشر في 1 مارس 2026 - آخر تحديث 3 مارس 2026", "2026-03-01", "2026-03-03"),
        ("公開日：2026-03-01 更新日：2026-03-03", "2026-03-01", "2026-03-03"),
        ("입력 2026-03-01 수정 2026-03-03", "2026-03-01", "2026-03-03"),
        ("1 March 2026", "2026-03-01", None),
        ("1 March 2026, published by the press office", "2026-03-01", None),
        ("Edited by Jane Doe, 1 March 2026", "2026-03-01", None),
        ("1 March 2026, updated", "2026-03-01", None),
        ("Software update, 1 March 2026", "2026-03-01", None),
    ],
)
def test_of_two_dates_on_a_line_each_is_read_for_what_it_is(
    text: str, published: str | None, changed: str | None
) -> None:
    for part, day in ((text, published), (change_part(text), changed)):
        stamp = parse_date(part, language="fr", now=NOW, provenance="text") if part else None
        assert (str(stamp.at.date()) if stamp else None) == day


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("Updated:", True),
        ("Last updated on ", True),
        ("By the press office · updated", True),
        ("Modifié le", True),
        ("آخر تحديث :", True),
        ("更新日：", True),
        ("The rules for the ferry were updated", False),
        ("Published", False),
        ("", False),
    ],
)
def test_a_label_is_told_from_a_sentence_that_ends_with_its_word(text: str, ends: bool) -> None:
    assert ends_in_change(text) is ends


@given(st.text(max_size=600))
def test_the_parts_of_any_text_are_pieces_of_it(text: str) -> None:
    assert publication_part(text) in text
    assert change_part(text) in text
