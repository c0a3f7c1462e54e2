"""Tables: what pagers say, which class names last, what addresses look like."""

from __future__ import annotations

import pytest

from crawler.induction.durable import is_durable
from crawler.induction.paging_words import said
from crawler.induction.slugs import family, slug_score
from crawler.markup import parse_html
from crawler.titles import title_text


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Next", "onward"),
        ("next page »", "onward"),
        ("« Older posts", "older"),
        ("Suivant", "onward"),
        ("Page suivante ›", "onward"),
        ("Articles plus anciens", "older"),
        ("← Articles précédents", "onward"),
        ("التالي", "onward"),
        ("الصفحة التالية", "onward"),
        ("المقالات الأقدم", "older"),
        ("Siguiente ›", "onward"),
        ("Entradas antiguas", "older"),
        ("Próxima página", "onward"),
        ("Ältere Beiträge", "older"),
        ("Weiter >", "onward"),
        ("Volgende", "onward"),
        ("Следующая", "onward"),
        ("Далее", "onward"),
        ("Наступна", "onward"),
        ("Następna", "onward"),
        ("Sonraki »", "onward"),
        ("بعدی", "onward"),
        ("اگلا صفحہ", "onward"),
        ("Selanjutnya", "onward"),
        ("下一页", "onward"),
        ("次へ", "onward"),
        ("다음", "onward"),
        ("अगला", "onward"),
        ("Επόμενη", "onward"),
        ("הבא", "onward"),
        ("Următoarea", "onward"),
        ("Trang sau", "onward"),
        ("Previous", "back"),
        ("Newer posts", "back"),
        ("Précédent", "back"),
        ("السابق", "back"),
        ("Zurück", "back"),
        ("上一页", "back"),
        ("Load more", "more"),
        ("Afficher plus", "more"),
        ("加载更多", "more"),
        ("»", "right"),
        ("→", "right"),
        ("‹", "left"),
        ("Next week in parliament", ""),
        ("Contact", ""),
        ("2", ""),
        ("", ""),
    ],
)
def test_what_a_pager_says(text: str, meaning: str) -> None:
    assert said(text) == meaning


@pytest.mark.parametrize(
    ("name", "lasts"),
    [
        ("entry-title", True),
        ("news-list", True),
        ("post", True),
        ("card__title", True),
        ("views-row", True),
        ("td_module_wrap", True),
        ("articleList", True),
        ("css-1x2y3z", False),
        ("sc-bdVaJa", False),
        ("jsx-2871293847", False),
        ("svelte-1a2b3c", False),
        ("Card_root__x7Gh2", False),
        ("__x5f3a", False),
        ("mt-4", False),
        ("md:flex", False),
        ("col-md-6", False),
        ("text-center", False),
        ("post-1234", False),
        ("category-news", False),
        ("tag-harbour", False),
        ("sticky", False),
        ("odd", False),
        ("first", False),
        ("row", False),
        ("ab", False),
        ("c8f3e21", False),
        ("a b", False),
        ("1st", False),
    ],
)
def test_which_class_names_last(name: str, lasts: bool) -> None:
    assert is_durable(name) is lasts


@pytest.mark.parametrize(
    ("article", "other"),
    [
        ("https://a.example/2024/03/rain-at-last-in-the-south/", "https://a.example/tag/rain/"),
        ("https://a.example/news/4711", "https://a.example/category/news/"),
        (
            "https://a.example/%D8%AE%D8%A8%D8%B1-%D9%85%D9%87%D9%85-%D8%AC%D8%AF%D8%A7/",
            "https://a.example/page/2/",
        ),
        ("https://a.example/a-story-of-rain.html", "https://a.example/"),
        ("https://a.example/a-story-of-rain", "https://www.facebook.com/sharer?u=x"),
    ],
)
def test_an_article_s_address_looks_more_like_one(article: str, other: str) -> None:
    assert slug_score(article) > max(slug_score(other), 0)


def test_addresses_of_one_family_differ_in_words_only() -> None:
    assert family("https://a.example/sport/a-b-c/") == family("https://a.example/economy/d-e-f/")
    assert family("https://a.example/sport/a-b-c/") != family("https://a.example/2024/01/a-b-c/")


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<h2><a>Rain at last</a></h2>", "Rain at last"),
        ("<h2><a>Rain <em>at</em> last</a></h2>", "Rain at last"),
        ("<h2><a>Rain<span class='sr-only'>, read the article</span></a></h2>", "Rain"),
        ("<h2>Rain at last <a class='headerlink' href='#x'>¶</a></h2>", "Rain at last"),
        ("<a><span class='badge'>New</span> Rain at last</a>", "Rain at last"),
        ("<a><time>11-18</time> Rain at last</a>", "Rain at last"),
        ("<a><span class='label'>Rain</span></a>", "Rain"),
        ("<a title='Rain at last in the far south'>Rain at last in…</a>", "Rain at last in the far south"),
        ("<a title='Something else'>Rain at last in…</a>", "Rain at last in…"),
        ("<a><div>Rain</div><div>at last</div></a>", "Rain at last"),
        ("<a>Rain<br>at last</a>", "Rain at last"),
    ],
)
def test_a_title_is_read_as_it_is_meant(html: str, title: str) -> None:
    assert title_text(next(parse_html(html).iter("h2", "a"))) == title
