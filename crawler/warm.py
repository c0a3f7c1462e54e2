"""Imports what a crawl needs, so that processes forked from here start at once.

The scheduler's fork server preloads this module. Scrapy loads most of its components by name when a crawl starts,
which would cost each child a second; here they are loaded once. The reactor is left out: it must be installed in the
child, and a forked event loop belongs to nobody.
"""

from __future__ import annotations

import gc
import importlib
import sys

from scrapy.settings import default_settings
from scrapy.utils.misc import load_object
from sqlalchemy import make_url
from sqlalchemy.orm import configure_mappers

from crawler import settings

COMPONENTS = (
    *settings.DOWNLOADER_MIDDLEWARES_BASE,
    *settings.DOWNLOADER_MIDDLEWARES,
    *settings.SPIDER_MIDDLEWARES_BASE,
    *settings.EXTENSIONS_BASE,
    *settings.ITEM_PIPELINES,
    settings.DUPEFILTER_CLASS,
    settings.LOG_FORMATTER,
    default_settings.DOWNLOADER,
    "crawler.downloading.GatedHandler",
    default_settings.ITEM_PROCESSOR,
    default_settings.REQUEST_FINGERPRINTER_CLASS,
    default_settings.SCHEDULER,
    default_settings.SCHEDULER_START_MEMORY_QUEUE,
    settings.SCHEDULER_MEMORY_QUEUE,
    settings.SCHEDULER_PRIORITY_QUEUE,
    default_settings.STATS_CLASS,
    default_settings.TWISTED_DNS_RESOLVER,
    settings.TIDINGS_RESOLVER,
    "crawler.recordings.recorder.RecordingHandler",
    "crawler.recordings.replay.ReplayHandler",
)
"""What Scrapy will look up by name."""

MODULES = (
    "crawler.crawling",
    "crawler.loader",
    "encodings.charmap",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.utf_8_sig",
    "htmldate",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "structlog.stdlib",
    "trafilatura",
    "twisted.internet._resolver",
    "twisted.internet.asyncioreactor",
    "twisted.internet.threads",
    "twisted.web.client",
)
"""What is imported late, inside functions, on the way of every crawl."""

COLLECT_AFTER = 10_000
"""Allocations between two looks for garbage; Python's 700 would look a hundred times while a page is parsed."""

for path in COMPONENTS:
    load_object(path)
for module in MODULES:
    importlib.import_module(module)
configure_mappers()
make_url("sqlite://")  # compiles what it reads addresses of databases with
if settings.ASYNCIO_EVENT_LOOP:
    importlib.import_module("uvloop")
if "twisted.internet.reactor" in sys.modules:
    raise ImportError(
        "something that crawler.warm imports has installed the Twisted reactor; import it later"
    )
# Children inherit this: what is imported is never garbage, and stays shared with the parent.
gc.collect()
gc.freeze()
gc.set_threshold(COLLECT_AFTER)
