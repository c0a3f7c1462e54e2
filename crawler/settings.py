"""Scrapy's settings for every crawl: closed by default, polite, and no component that is not needed (DESIGN §6).

``scrapy.cfg`` names this module, so ``scrapy crawl …`` runs with the same. A batch adds what it alone knows: the
contact in the user agent, its time limit, its log level, a recording.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from news.version import own_version

VERSION = own_version()

BOT_NAME = "tidings"
SPIDER_LOADER_CLASS = "crawler.loader.SourceLoader"
SPIDER_MODULES: list[str] = []

# ---------------------------------------------------------------------------------------- who we say we are
USER_AGENT = f"tidings/{VERSION} (news reader; robots.txt is obeyed)"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
REFERER_ENABLED = False

# ---------------------------------------------------------------------------------------------- politeness
ROBOTSTXT_OBEY = True  # read by crawler.middlewares.robots, which keeps the file between processes
CONCURRENT_REQUESTS = 64  # of all hosts together; most of them are waiting for their delay
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.15  # crawler.pace: at least 1 second, up to 1.3
DOWNLOAD_DELAY_JITTER = 0.15 / 1.15
TIDINGS_HOST_GATE_WAITS = True
TIDINGS_ASK_AHEAD = True  # crawler.ahead
RETRY_TIMES = 1
RETRY_HTTP_CODES: list[int] = []  # an answer is an answer; the next run asks again
RETRY_GIVE_UP_LOG_LEVEL = "INFO"

# ------------------------------------------------------------------------------------------------- closed
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # would run code that it is sent
DOWNLOAD_VERIFY_CERTIFICATES = True
# Connects to public addresses only, save for hosts that a source opted in to.
_HANDLER = "crawler.downloading.GatedHandler"
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None, "http": _HANDLER, "https": _HANDLER}
TIDINGS_RESOLVER = "crawler.gate.look_up"
TIDINGS_ENVIRONMENT_PROXIES = False  # http_proxy and the like
COOKIES_ENABLED = False
HTTPCACHE_ENABLED = False  # it would hand us the old body for a 304
METAREFRESH_ENABLED = False
REDIRECT_MAX_TIMES = 5
HTTPERROR_ALLOW_ALL = True  # every status is ours to judge
FEEDS: dict[str, Any] = {}

# -------------------------------------------------------------------------------------------------- limits
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 10
TIDINGS_LOOK_BUDGET = 10

# ---------------------------------------------------------------------------------------------- components
DUPEFILTER_CLASS = (
    "scrapy.dupefilters.BaseDupeFilter"  # two sources may share a URL; nothing may vanish unseen
)
# A host has one request at a time, so the queue need not look for the least busy one; first come, first served.
SCHEDULER_PRIORITY_QUEUE = "scrapy.pqueues.ScrapyPriorityQueue"
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# Scrapy starts this many tasks for each response. One keeps the order of its items, and so the order of what is seen.
CONCURRENT_ITEMS = 1
LOG_FORMATTER = "crawler.log_format.QuietLogFormatter"
DOWNLOADER_STATS = False
STATS_DUMP = False
LOGSTATS_INTERVAL = 0

# Scrapy's own lists of components are replaced, not edited: what a new release switches on by itself (as 2.19 did with
# a server that runs the code it is sent) stays out, and what is switched off is not even imported.
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "crawler.middlewares.compression.WholeCompressionMiddleware": 590,
    "crawler.middlewares.proxies.ProxyMiddleware": 750,
}
DOWNLOADER_MIDDLEWARES: dict[str, int] = {
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.host_gate.HostGateMiddleware": 200,
    "crawler.middlewares.credentials.CredentialsMiddleware": 300,
    "crawler.middlewares.conditional.ConditionalMiddleware": 320,
    "crawler.middlewares.redirects.QuietRedirectMiddleware": 600,
    "crawler.middlewares.sizes.SizesMiddleware": 800,
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES: dict[str, int] = {}
EXTENSIONS_BASE: dict[str, int] = {"scrapy.extensions.closespider.CloseSpider": 0}  # a batch has a time limit
EXTENSIONS: dict[str, int] = {}
ITEM_PIPELINES = {
    "crawler.pipelines.Normalise": 100,
    "crawler.pipelines.Validate": 200,
    "crawler.pipelines.Deduplicate": 300,
    "crawler.pipelines.Collect": 400,
}

# --------------------------------------------------------------------------------------------------- loop
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
ASYNCIO_EVENT_LOOP = "uvloop.Loop" if find_spec("uvloop") else None

LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
