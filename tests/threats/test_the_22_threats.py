"""The table of threats: each of the 22 has tests, here or elsewhere, that exist and run.

`docs/threats.md` says of each what it is and what keeps it out. Here stands which tests prove that. A test that is
renamed, moved, left out of the usual run or marked to be skipped fails this module.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = "tests/threats/"
CONNECTS = HERE + "test_threats_1_to_4_where_it_connects.py"
SENDS = HERE + "test_threats_5_and_6_what_it_sends_and_takes.py"
READS = HERE + "test_threats_7_and_13_what_it_reads.py"
KEEPS = HERE + "test_threats_9_20_and_22_what_is_kept_and_told.py"
BACKTRACKS = HERE + "test_threat_15_patterns_that_backtrack.py"
HOSTILE = "tests/digest/test_hostile.py"
FEEDS = "tests/digest/test_feed_formats.py"
PAGES = "tests/pages/test_hostile.py"
HOOKS = "tests/digest/test_webhooks.py"

THREATS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "SSRF by the address of a source",
        (
            f"{CONNECTS}::test_threat_1_ssrf_no_spelling_of_this_machine_is_asked",
            f"{CONNECTS}::test_threat_1_ssrf_any_blocked_answer_refuses_a_name",
            f"{CONNECTS}::test_threat_1_ssrf_sources_of_one_process_do_not_lend_each_other_the_right",
            "tests/news/test_addresses.py::test_a_private_address_is_blocked_unless_the_source_opted_in",
            "tests/news/test_addresses.py::test_an_address_is_judged_alike_in_every_ipv6_clothing",
        ),
    ),
    2: (
        "DNS rebinding",
        (
            f"{CONNECTS}::test_threat_2_rebinding_the_checked_address_is_the_connected_one",
            f"{CONNECTS}::test_threat_2_rebinding_would_be_seen_here_if_connections_were_made_by_name",
            f"{CONNECTS}::test_threat_2_rebinding_between_two_attempts_is_refused",
        ),
    ),
    3: (
        "Redirects inwards, or to another scheme",
        (
            f"{CONNECTS}::test_threat_3_redirects_lead_nowhere_that_was_not_opted_in_to",
            f"{CONNECTS}::test_threat_3_redirects_that_are_refused_are_never_learnt",
            f"{CONNECTS}::test_threat_3_redirects_that_go_round_end_after_five",
        ),
    ),
    4: (
        "Parsers that disagree about an address",
        (
            f"{CONNECTS}::test_threat_4_parsers_no_link_of_a_page_is_read_in_two_ways",
            "tests/news/test_url_parsers.py::test_what_parsers_could_disagree_about_is_refused",
            "tests/news/test_url_parsers.py::test_any_text_is_refused_or_leads_to_one_place_for_every_parser",
        ),
    ),
    5: (
        "Secrets and proxies that leak to another host",
        (
            f"{SENDS}::test_threat_5_leak_no_secret_follows_a_redirect_to_a_second_host",
            f"{SENDS}::test_threat_5_leak_cookies_are_neither_kept_nor_sent",
            f"{SENDS}::test_threat_5_leak_a_declared_proxy_gets_its_sources_requests_and_no_others",
        ),
    ),
    6: (
        "Decompression bombs and answers without end",
        (
            f"{SENDS}::test_threat_6_bomb_is_given_up_within_bounds_of_memory",
            f"{SENDS}::test_threat_6_bomb_that_does_not_end_is_cut_off_at_once",
            f"{SENDS}::test_threat_6_bomb_in_slow_motion_ends_at_the_time_limit_of_the_whole_answer",
            "tests/crawler/channels/test_feed_attacks.py::test_an_attack_is_refused_within_bounded_memory_and_time",
            "tests/recordings/test_warc.py::test_bombs_are_refused_without_being_unpacked",
        ),
    ),
    7: (
        "XML entities and deep nesting",
        (
            f"{READS}::test_threat_7_entities_do_not_grow",
            f"{READS}::test_threat_7_entities_from_elsewhere_are_not_fetched",
            f"{READS}::test_threat_7_entities_do_not_read_files",
            f"{READS}::test_threat_7_nesting_of_a_hundred_thousand_is_refused_in_time",
            "tests/crawler/channels/test_feed_attacks.py::test_an_external_entity_reaches_nobody",
            "tests/crawler/test_opml.py::test_threat_7_a_hostile_list_is_refused",
        ),
    ),
    8: (
        "XSS by title, author, name or link",
        (
            f"{HOSTILE}::test_promise_10_no_payload_becomes_markup_in_html",
            f"{HOSTILE}::test_promise_10_no_payload_becomes_markup_in_markdown",
            f"{HOSTILE}::test_promise_10_only_web_addresses_become_links",
            f"{FEEDS}::test_promise_10_no_payload_makes_a_feed_invalid_or_becomes_markup",
            f"{FEEDS}::test_promise_10_only_web_addresses_become_links_in_a_feed",
            f"{PAGES}::test_a_hostile_text_stays_text_on_every_page",
            f"{PAGES}::test_only_web_addresses_are_links",
            "tests/digest/test_mail.py::test_a_digest_arrives_as_text_and_as_html_just_as_they_are_rendered",
        ),
    ),
    9: (
        "HTML that is decoded twice",
        (
            f"{KEEPS}::test_threat_9_markup_that_a_page_shows_as_text_is_text_in_everything_that_is_told",
            f"{HOSTILE}::test_an_encoded_script_stays_encoded_once",
        ),
    ),
    10: (
        "Headers injected into a mail",
        (
            "tests/digest/test_letters.py::test_threat_10_hostile_text_stays_text_in_every_header",
            "tests/digest/test_letters.py::test_threat_10_any_text_stays_text_in_every_header",
            "tests/digest/test_letters.py::test_threat_10_a_name_never_becomes_an_address",
        ),
    ),
    11: (
        "Formulas in a table",
        (f"{FEEDS}::test_no_cell_of_the_table_is_a_formula_and_each_reads_back",),
    ),
    12: (
        "Paths that lead elsewhere",
        (
            "tests/digest/test_files.py::test_threat_12_no_name_of_a_subscription_leads_out_of_the_folder",
            "tests/recordings/test_directory.py::test_a_file_that_leads_elsewhere_is_refused",
            "tests/recordings/test_directory.py::test_file_names_are_readable_and_lead_nowhere_else",
        ),
    ),
    13: (
        "The language of selectors",
        (
            f"{READS}::test_threat_13_selectors_call_nothing_beyond_xpath_1",
            f"{READS}::test_threat_13_selectors_are_css_or_xpath_1_and_no_other_language",
            f"{READS}::test_threat_13_selectors_are_checked_when_a_site_file_is_loaded",
        ),
    ),
    14: (
        "Templates in scraped text",
        (
            f"{HOSTILE}::test_template_syntax_stays_literal",
            f"{PAGES}::test_a_hostile_text_stays_text_on_every_page",
        ),
    ),
    15: (
        "Patterns that backtrack",
        (
            f"{BACKTRACKS}::test_threat_15_redos_every_pattern_takes_time_that_grows_with_the_text_alone_or_sees_short_texts",
            f"{BACKTRACKS}::test_threat_15_redos_scripts_and_class_names_of_a_page_are_read_in_time",
            f"{BACKTRACKS}::test_threat_15_redos_what_a_reader_asks_for_is_words_and_no_pattern",
            "tests/news/test_redline.py::test_promise_10_no_text_makes_comparing_take_long",
        ),
    ),
    16: (
        "Secrets in addresses, logs, recordings and digests",
        (
            "tests/tidings/test_canaries.py::test_no_secret_is_left_in_anything_that_a_crawl_and_a_delivery_write",
            "tests/storage/test_logs.py::test_a_traceback_is_within_the_line_and_without_secrets",
            "tests/news/test_redaction.py::test_no_value_of_a_query_is_left_wherever_it_stands",
            "tests/recordings/test_crawls.py::test_no_secret_is_in_the_recording_in_any_form",
            "tests/recordings/test_redaction.py::test_no_secret_is_left",
            f"{HOOKS}::test_nothing_that_is_shown_holds_the_path_or_the_secret",
            (
                "tests/promises/test_promise_10_closed_by_default.py"
                "::test_promise_10_closed_a_secret_reaches_its_host_and_no_digest_reason_or_other_host"
            ),
        ),
    ),
    17: (
        "Lines injected into a log or a terminal",
        (
            "tests/storage/test_logs.py::test_one_record_is_one_line_whatever_is_in_it",
            "tests/news/test_redaction.py::test_one_record_is_one_line_that_no_terminal_obeys",
            "tests/storage/test_logs.py::test_the_libraries_come_through_the_same_pipe",
            f"{HOSTILE}::test_promise_10_no_control_or_bidi_override_reaches_a_terminal_raw",
        ),
    ),
    18: (
        "SSRF by a webhook",
        (
            f"{HOOKS}::test_threat_18_nothing_is_sent_to_an_address_that_is_blocked",
            f"{HOOKS}::test_threat_18_a_name_is_looked_up_once_for_what_is_checked_and_what_is_connected",
            f"{HOOKS}::test_a_redirect_is_not_followed",
        ),
    ),
    19: (
        "What Scrapy would leave open",
        (
            "tests/crawler/test_settings_of_a_running_crawl.py::test_a_running_crawl_is_closed_lean_and_listens_nowhere",
            "tests/promises/test_promise_10_closed_by_default.py::test_promise_10_closed_by_default",
        ),
    ),
    20: (
        "Loading that runs code",
        (
            "tests/test_house.py::test_nothing_unpickles",
            f"{KEEPS}::test_threat_20_unpickling_a_poisoned_jobs_table_is_never_read",
        ),
    ),
    21: (
        "A flood between two looks",
        (
            "tests/promises/test_promise_2_nothing_lost.py::test_promise_2_nothing_lost_in_a_burst_over_several_pages",
            (
                "tests/promises/test_promise_2_nothing_lost.py"
                "::test_promise_2_nothing_lost_unsaid_a_burst_beyond_the_page_cap_is_a_gap_and_then_told_as_lost"
            ),
        ),
    ),
    22: (
        "Silence that is a breakdown",
        (
            f"{KEEPS}::test_threat_22_silent_zero_a_page_with_nothing_but_its_menu_is_broken_and_told",
            (
                "tests/promises/test_promise_5_failure_is_not_silence.py"
                "::test_promise_5_failure_is_not_silence_but_a_suspect_run_that_announces_nothing"
            ),
        ),
    ),
}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What the usual run collects of the modules in the table: each test with the marks that keep it back."""
    listing = tmp_path_factory.mktemp("listing") / "tests.json"
    files = sorted({test.partition("::")[0] for _, tests in THREATS.values() for test in tests})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "tests.threats.listing", *files],
        cwd=ROOT,
        env={**os.environ, "TIDINGS_TEST_LISTING": str(listing), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, set[str]] = {}
    for name, marks in json.loads(listing.read_text(encoding="utf-8")).items():
        found.setdefault(name.partition("[")[0], set()).update(marks)
    return found


def test_every_threat_from_1_to_22_is_in_the_table() -> None:
    assert list(THREATS) == list(range(1, 23))
    assert all(tests for _, tests in THREATS.values())


@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", THREATS, ids=[f"{number} {name}" for number, (name, _) in THREATS.items()])
def test_a_threat_has_tests_that_exist_and_run(number: int, collected: dict[str, set[str]]) -> None:
    for test in THREATS[number][1]:
        assert test in collected, f"threat {number}: {test} is not run"
        assert not collected[test], f"threat {number}: {test} is kept back by {collected[test]}"


def test_the_document_names_each_threat_as_the_table_does() -> None:
    document = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([^|]+?) \|", document, re.MULTILINE)
    assert rows == [(str(number), name) for number, (name, _) in THREATS.items()]
