"""Answers that are no news pages, and news pages that only look like it."""

from __future__ import annotations

import time

import pytest

from crawler.blocking import classify
from news.run import Trouble

HTML = "text/html; charset=utf-8"
LONG = "<p>" + "The ministry published its plan for the schools of the valley on Monday. " * 60 + "</p>"


def page(title: str, body: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"


def kind(html: str, status: int = 200, entries: int = 0, content_type: str = HTML, **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    problem = classify(status, named, html, content_type=content_type, found_entries=entries)
    if problem is None:
        return ""
    assert problem.fatal
    assert problem.status == status
    return f"{problem.trouble}: {problem.detail}"


@pytest.mark.parametrize(
    ("html", "status"),
    [
        (
            page(
                "Just a moment...",
                "<script>window._cf_chl_opt={}</script>Enable JavaScript and cookies to continue",
            ),
            403,
        ),
        (page("Just a moment...", "Checking your browser before accessing harbour.example."), 503),
        (
            page(
                "harbour.example",
                "<p>Please enable JS and disable any ad blocker</p><script src='https://geo.captcha-delivery.com/c.js'></script>",
            ),
            403,
        ),
        (page("Security check", "<form id='challenge-form' action='/'></form>"), 200),
        (page("Robot?", "<p>Are you a robot?</p><div class='g-recaptcha'></div>"), 200),
        (
            page("Pardon Our Interruption", "As you were browsing something made us think you were a bot."),
            200,
        ),
        (page("", "<script src='/_Incapsula_Resource?x'></script>Request unsuccessful."), 200),
        (page("Access Denied", "You don't have permission to access this server."), 403),
        (page("Un instant", "<h1>Vérification de votre navigateur</h1>"), 200),
        (page("Vérification", "Vérifiez que vous êtes humain. Activez JavaScript et les cookies."), 200),
        (page("لحظة من فضلك", "جاري التحقق من متصفحك"), 200),
        (page("تحقق", "يرجى التحقق من أنك لست روبوت"), 429),
    ],
)
def test_a_challenge_is_named(html: str, status: int) -> None:
    assert kind(html, status).startswith("blocked: a challenge page")


@pytest.mark.parametrize(
    ("html", "what"),
    [
        (
            page("Sign in", "<form><input type='password' name=p><button>Log in</button></form>"),
            "a login page",
        ),
        (page("Intranet", "Se connecter <input name=p type=password> Mot de passe oublié ?"), "a login page"),
        (page("بوابة", "تسجيل الدخول <input type=PASSWORD>"), "a login page"),
        (
            page("Before you continue", "We and our partners use cookies. <button>Accept all</button>"),
            "a consent page",
        ),
        (
            page(
                "Cookies", "Votre consentement <button>Tout accepter</button> <a>Continuer sans accepter</a>"
            ),
            "a consent page",
        ),
        (page("موقع", "نستخدم ملفات تعريف الارتباط <button>قبول الكل</button>"), "a consent page"),
        (page("Maintenance mode", "Back soon"), "maintenance"),
        (
            page("Gazette", "Briefly unavailable for scheduled maintenance. Check back in a minute."),
            "maintenance",
        ),
        (page("Gazette", "Le site est en maintenance, merci de revenir plus tard."), "maintenance"),
        (page("الميناء", "الموقع تحت الصيانة"), "maintenance"),
        (page("harbour.example", "This domain is for sale. Buy this domain."), "a parked domain"),
        (page("Account suspended"), "a parked domain"),
        (page("x", "Ce nom de domaine est à vendre : domaine à vendre"), "a parked domain"),
        (page("x", "هذا النطاق معروض للبيع: النطاق معروض للبيع"), "a parked domain"),
        (page("Page not found – Gazette", LONG), "a missing page"),
        (page("Page not found – Gazette", "<h1>Nothing found</h1>"), "a missing page"),
        (page("الميناء", "<h1>لم يتم العثور على الصفحة</h1>"), "a missing page"),
        (page("404"), "a missing page"),
        (page("Gazette", "<h1>Page introuvable</h1>"), "a missing page"),
        (page("الميناء", "<h1>الصفحة غير موجودة</h1>"), "a missing page"),
    ],
)
def test_what_stands_in_the_page_s_place_is_named(html: str, what: str) -> None:
    told = kind(html)
    assert told.startswith(f"blocked: {what} instead of the listing")
    asks = what in ("a challenge page", "a login page", "a consent page")
    assert told.endswith("to see what it asks for" if asks else "to see whether the listing has moved")


EMPTY = [
    page("News – Gazette", "<h1>Nothing found</h1>" + LONG),
    page("News – Gazette", "<p>Nothing was found.</p>"),
    page("News – Gazette", "<h1>Aucun résultat</h1>"),
    page("News – Gazette", "<h1>لم يتم العثور على شيء</h1>"),
    page("News – Gazette", "<h1>لا توجد نتائج</h1>"),
]


@pytest.mark.parametrize("html", EMPTY)
def test_a_listing_that_says_that_it_found_nothing_is_empty(html: str) -> None:
    assert kind(html) == (
        "blocked: an empty listing (“News – Gazette”): "
        "open the address in a browser to see whether the listing has moved"
    )


@pytest.mark.parametrize("html", EMPTY)
def test_the_same_words_under_an_error_or_in_an_article_s_place_mean_a_missing_page(html: str) -> None:
    assert kind(html, 404).startswith("blocked: a missing page instead of the listing")
    problem = classify(200, {}, html, content_type=HTML, found_entries=0, is_listing=False)
    assert problem is not None
    assert problem.detail.startswith("a missing page instead of the listing")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("%PDF-1.7 \x00\x01", HTML),
        ("%PDF-1.7 text only", "application/pdf"),
        ("\x89PNG\r\n\x1a\n\x00\x00", HTML),
        ("\x00\x01\x02\x03" * 50, HTML),
        ("\ufffd\x05\x06\ufffd" * 50, HTML),
        ('{"items": []}', "application/json"),
        ('[{"title": "x"}]', HTML),
        ("plain words", "text/plain"),
        ("abc", "application/octet-stream"),
        ("", HTML),
        (" \n ", ""),
        ("<?xml version='1.0'?><rss><channel/></rss>", "application/rss+xml"),
    ],
)
def test_what_is_not_a_page_is_named(body: str, content_type: str) -> None:
    assert kind(body, content_type=content_type).startswith("not_a_page: ")


@pytest.mark.parametrize(
    "html",
    [
        page("News – Gazette", LONG),
        page(
            "How captchas and login pages keep people out",
            f"<h1>Why your browser is being checked</h1>{LONG}",
        ),
        page("Gazette", f"<p>The site asked readers: are you a robot? Access denied, it said.</p>{LONG}"),
        page("Gazette", f"<form>Log in <input type=text></form>{LONG}"),
        page("Gazette", f"<form>Log in <input type=password> Forgot your password?</form>{LONG}"),
        page("Gazette", f"<div class=cookie>We and our partners use cookies. Accept all</div>{LONG}"),
        page("Gazette", f"<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>{LONG}"),
        page("Port closed for maintenance of its cranes", f"<h1>Port closed for repairs</h1>{LONG}"),
        page("Les prix à la hausse", f"<h1>Un instant de répit</h1>{LONG}"),
        "<div>a fragment</div>" + LONG,
    ],
)
def test_a_page_with_words_about_such_things_is_not_convicted(html: str) -> None:
    assert kind(html) == ""


@pytest.mark.parametrize(
    "body", [page("Just a moment...", "captcha"), page("Sign in", "Log in <input type=password>"), "{", ""]
)
def test_a_page_with_entries_is_believed(body: str) -> None:
    assert kind(body, entries=3) == ""


def test_a_header_that_only_a_challenge_carries_convicts_always() -> None:
    assert "challenge" in kind(page("News", LONG), 403, entries=3, CF_Mitigated="challenge")


def test_the_answer_says_what_the_page_called_itself() -> None:
    problem = classify(403, {}, page(" Access\n Denied "), content_type=HTML, found_entries=0)
    assert problem is not None
    assert problem.trouble is Trouble.BLOCKED
    assert "“Access Denied”" in problem.detail
    assert "open the address in a browser" in problem.detail


def test_a_page_made_to_be_slow_is_judged_at_once() -> None:
    for bait in (
        "<script",
        "<" * 70_000,
        "<!--" * 20_000,
        "<title " * 9_000,
        "<input " * 9_000,
        "we " * 25_000,
    ):
        started = time.process_time()
        kind(bait * (65_536 // len(bait) + 1))
        assert time.process_time() - started < 1.5
