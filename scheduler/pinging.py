"""The dead man's switch: a monitor elsewhere is called while all is well, and raises the alarm when the calls stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from digest.targets.asking import ask, origin
from digest.targets.target import Carriage
from news.errors import ConfigError, DeliveryError, StorageError, UrlError
from news.urls import endpoint_of, fetchable_url
from storage.checkup import check_up, limits_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from news.health import Checkup
    from storage.settings import Settings

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS, LIMIT_SECONDS = 10.0, 20.0
"""For one answer, and for all of a call, however slowly a server drips."""
STOP_SECONDS = 1.0
ALLOW = "set ping_private = true"


class Pinger:
    """Calls ``settings.ping_url`` in a thread of its own, which nothing waits for.

    Args:
        engine: the database, which is looked at before each call.
        settings: the address, the rhythm, and from when on something is complained of.
        look: says whether all is well, in place of `storage.checkup.check_up`.

    Raises:
        ConfigError: ``ping_url`` is no address that may be asked; it is not repeated.
    """

    def __init__(
        self, engine: Engine, settings: Settings, *, look: Callable[[], Checkup] | None = None
    ) -> None:
        try:
            self._url = fetchable_url(settings.ping_url) if settings.ping_url else ""
            self._place = origin(endpoint_of(self._url)) + "/…" if self._url else ""
        except UrlError as error:
            raise ConfigError("ping_url: it is no http or https address that may be asked") from error
        self._seconds = settings.ping_seconds
        self._private = settings.ping_private
        self._suffixes = settings.ping_suffixes
        self._look = look or (lambda: check_up(engine, limits_of(settings), folders=settings.watched_disks))
        self._carriage = Carriage(
            user_agent=Carriage.under(settings).user_agent,
            timeout_seconds=TIMEOUT_SECONDS,
            limit_seconds=LIMIT_SECONDS,
        )
        self._stopping = threading.Event()
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="ping", daemon=True)

    def start(self) -> None:
        """Begin to call, if there is anybody to be called."""
        if self._url:
            self._thread.start()

    def stop(self) -> None:
        """Call no more; a call that is on its way is not waited for."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def ping(self) -> None:
        """Look, and call if all is well; never raises."""
        try:
            found = self._look()
        except StorageError:  # the ticks have said why
            self._say("/fail", "1 database")
            return
        except Exception:
            logger.exception("ping: it could not be looked whether all is well")
            return
        if found.is_well:
            self._say("")
        else:
            kinds = ", ".join(f"{number} {kind}" for kind, number in found.counts.items())
            self._say("/fail", kinds)

    def _run(self) -> None:
        self._say("/start")
        while not self._stopping.is_set():
            self.ping()
            self._stopping.wait(self._seconds)

    def _say(self, suffix: str, told: str = "") -> None:
        """Call, and tell once of calls that fail, until one succeeds; the plain address alone says that all is well."""
        if suffix and not self._suffixes:
            return
        try:
            self._call(suffix, told)
        except Exception as error:  # noqa: BLE001 - whatever it is, the service goes on
            reason = str(error) if isinstance(error, DeliveryError) else type(error).__name__
            if not self._trouble:
                logger.warning("ping: %s; it is tried again every %g seconds", reason, self._seconds)
            self._trouble = reason
        else:
            if self._trouble:
                logger.info("ping: %s answers again", self._place)
            self._trouble = ""

    def _call(self, suffix: str, told: str) -> None:
        path, mark, query = self._url.partition("?")
        answered = ask(
            "POST" if told else "GET",
            path.rstrip("/") + suffix + mark + query if suffix else self._url,
            self._carriage,
            headers={"User-Agent": self._carriage.user_agent},
            body=told.encode("utf-8") or None,
            place=self._place,
            private=self._private,
            allow=ALLOW,
        )
        if not 200 <= answered.status < 300:
            raise DeliveryError(f"{self._place} answers {answered.status}")
