"""The system's Chromium: where it is, how it is started, and what it may not do."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from typing import Any

from news.errors import ConfigError

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
EXTRA = "scrapy_playwright"
HANDLER = "crawler.browser.handler.BrowserHandler"

_SWITCHES = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--no-pings",
    # Loopback too goes through the proxy, and what cannot (WebRTC over UDP) goes nowhere.
    "--proxy-bypass-list=<-loopback>",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its name in older releases
)
"""What keeps the browser from speaking to anybody but through the proxy, or on its own account."""


def find_chromium(declared: str = "", *, sandbox: bool = True) -> str:
    """Return the path of the browser's program.

    Args:
        declared: the setting ``browser_path``; empty looks on ``PATH``.
        sandbox: the setting ``browser_sandbox``.

    Raises:
        ConfigError: the extra ``browser`` is not installed, there is no such program, or it cannot be started as
            this user; the message says what to do.
    """
    if sandbox and getattr(os, "geteuid", lambda: 1)() == 0:
        raise ConfigError(
            "pages of this source need a browser, and Chromium has no sandbox for root: run tidings as another user, "
            "or set browser_sandbox = false if its pages may run without one"
        )
    if find_spec(EXTRA) is None:
        raise ConfigError(
            "pages of this source need a browser, and the extra is not installed: pip install 'tidings[browser]'"
        )
    if declared:
        if not os.access(declared, os.X_OK):
            raise ConfigError(f"setting browser_path: {declared} is no program that can be run")
        return declared
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise ConfigError(
            "pages of this source need a browser, and none is installed: install Chromium (Debian, Ubuntu: "
            "apt-get install chromium), or name one in the setting browser_path"
        )
    return found


def browser_settings(path: str, *, sandbox: bool) -> dict[str, Any]:
    """Return Scrapy's settings for a crawl that has pages to render.

    Args:
        path: as `find_chromium` gave it.
        sandbox: whether Chromium's own sandbox is used.
    """
    return {
        "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER}
        | dict.fromkeys(("data", "file", "ftp", "s3")),
        "TIDINGS_BROWSER_PATH": path,
        "TIDINGS_BROWSER_SANDBOX": sandbox,
    }


def launch_options(path: str, proxy_url: str, *, sandbox: bool) -> dict[str, Any]:
    """Return Playwright's options for starting the browser.

    Args:
        path: the browser's program.
        proxy_url: where the filtering proxy listens; without a pass it lets nothing through.
        sandbox: whether Chromium's own sandbox is used. It cannot be as root.
    """
    return {
        "executable_path": path,
        "headless": True,
        "args": list(_SWITCHES),
        "chromium_sandbox": sandbox,
        "proxy": {"server": proxy_url},
        "handle_sigint": False,
        "handle_sigterm": False,
    }
