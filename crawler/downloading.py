"""Scrapy's own HTTP handler behind the gate: what it connects to are addresses that were checked, on every request.

Redirects, robots.txt, pages of any depth and what a discovery tries all come through here, since this is the handler
itself. A request is given a reactor that knows one name, and connects to this name's checked addresses and to nothing
else: there is no second look-up that could answer otherwise.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
    _ScrapyAgent,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError, DownloadFailedError
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.misc import load_object
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.base import PluggableResolverMixin
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.web.client import URI, Agent, HTTPConnectionPool

from crawler.ahead import take_kept
from crawler.failures import RefusedAddress
from crawler.gate import Gate, check_unresolved, may_be_private
from crawler.meta import private_hosts_of
from news.addresses import endpoint_key, why_blocked
from news.errors import UrlError
from news.urls import Endpoint, endpoint_of

MAX_HEADER_BYTES = 256 * 1024
"""Of one answer, interim answers (1xx) included; browsers stop at about as much."""


class GatedHandler(HTTP11DownloadHandler):
    """Fetches over HTTP/1.1 from addresses that the gate gave out.

    Connections that a source's opt-in made possible are kept in a pool of their own, so that no other source is
    served through one of them.
    """

    def __init__(self, crawler: Crawler) -> None:
        from twisted.internet import reactor

        super().__init__(crawler)
        # The run tells what goes wrong; its warnings would say it twice.
        logging.getLogger(HTTP11DownloadHandler.__module__).setLevel(logging.ERROR)
        settings = crawler.settings
        self._reactor = reactor
        self._gate = Gate(
            load_object(settings["TIDINGS_RESOLVER"]), timeout_seconds=settings.getfloat("DNS_TIMEOUT")
        )
        self._pool, self._private_pool = (_BoundedPool(reactor) for _ in range(2))  # type: ignore[no-untyped-call]
        for pool in (self._pool, self._private_pool):
            pool.maxPersistentPerHost = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")

    async def download_request(self, request: Request) -> Response:
        """Ask for ``request``, at an address that was checked for it.

        Raises:
            RefusedAddress: the address, or one that its host leads to, is blocked for the request's source.
            CannotResolveHostError: the host's name leads nowhere.
        """
        if (kept := take_kept(request)) is not None:
            return kept
        endpoint, allowed = _way_of(request)
        try:
            addresses = await self._gate.addresses(endpoint.host, endpoint.port, allowed_private=allowed)
        except OSError as error:
            raise CannotResolveHostError(f"{endpoint.host} cannot be looked up: {error}") from error
        private = may_be_private(endpoint.host, endpoint.port, allowed)
        agent = _GatedAgent(
            _OneNameReactor(self._reactor, endpoint, addresses),
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._private_pool if private else self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self.crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        try:
            with wrap_twisted_exceptions():
                response = await maybe_deferred_to_future(agent.download_request(request))
        except DownloadFailedError as error:
            if any(isinstance(cause, _HeaderTooLargeError) for cause in _causes(error)):
                raise DownloadCancelledError(str(_HeaderTooLargeError())) from error
            raise
        peer = str(response.ip_address)
        if reason := why_blocked(peer, private=private):  # as the operating system tells it, after the fact
            raise RefusedAddress(f"{endpoint.host} was answered for by {peer}, {reason}")
        return response

    async def close(self) -> None:
        """Close all kept connections."""
        self._private_pool.closeCachedConnections().addErrback(lambda _: None)  # type: ignore[no-untyped-call]
        await super().close()


def _way_of(request: Request) -> tuple[Endpoint, frozenset[str]]:
    """Return what must be connected for a request, and which hosts may be private for it.

    Raises:
        RefusedAddress: it is nothing that we would ask for.
    """
    try:
        endpoint = endpoint_of(request.url)
        allowed = private_hosts_of(request)
        proxy: str | None = request.meta.get("proxy")
        if not proxy:
            return endpoint, allowed
        # An operator chose it, for this source or in the environment, so it may stand in his own network.
        check_unresolved(endpoint.host, endpoint.port, allowed_private=allowed)
        endpoint = endpoint_of(proxy if "://" in proxy else f"http://{proxy}")
    except UrlError as error:
        raise RefusedAddress(f"an address that we will not ask for: {error}") from None
    return endpoint, frozenset((endpoint_key(endpoint.host, endpoint.port),))


class _GatedAgent(_ScrapyAgent):
    """Scrapy's agent, with a reactor that knows only the checked addresses.

    There is no other way in than by private names, for which Scrapy is held to one minor release.
    """

    def __init__(self, reactor: _OneNameReactor, **options: Any) -> None:
        super().__init__(**options)
        self._one_name_reactor = reactor

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        from twisted.internet import reactor

        agent: Any = super()._get_agent(request, timeout)
        factory = agent._endpointFactory  # noqa: SLF001
        # Both are read before they are replaced: should Scrapy or Twisted name them otherwise one day, nothing is
        # fetched, in place of something past the gate.
        if agent._reactor is not reactor or factory._reactor is not reactor:  # noqa: SLF001
            raise RefusedAddress("the connection cannot be bound to the checked address")
        agent._reactor = factory._reactor = self._one_name_reactor  # noqa: SLF001
        address = self._one_name_reactor.only_address
        if address and not request.meta.get("proxy"):
            factory.endpointForURI = partial(_endpoint_at, address, factory)
        return cast("Agent", agent)


def _endpoint_at(address: str, factory: Any, uri: URI) -> Any:
    """Return what connects to the one address that a host has (`twisted.web.iweb.IAgentEndpointFactory`).

    Nothing is looked up, and no addresses race: Twisted's own endpoint does both, for a tenth of what an unchanged
    source costs. TLS is by the rules of Scrapy's own factory.
    """
    kind = TCP6ClientEndpoint if ":" in address else TCP4ClientEndpoint
    reactor, seconds, bind = factory._reactor, factory._connectTimeout, factory._bindAddress  # noqa: SLF001
    endpoint: Any = kind(reactor, address, uri.port, timeout=seconds, bindAddress=bind)
    if uri.scheme != b"https":
        return endpoint
    return wrapClientTLS(factory._policyForHTTPS.creatorForNetloc(uri.host, uri.port), endpoint)  # noqa: SLF001


class _OneNameReactor(PluggableResolverMixin):
    """As much of a reactor as connecting takes, for one place.

    Its resolver answers with the checked addresses whatever it is asked for, and it connects to these alone.
    """

    def __init__(self, reactor: Any, endpoint: Endpoint, addresses: tuple[str, ...]) -> None:
        self._endpoint = endpoint
        self._addresses = addresses
        self._connect_tcp = reactor.connectTCP
        self.callLater = reactor.callLater
        self.seconds = reactor.seconds
        self._nameResolver: Any = self

    @property
    def only_address(self) -> str:
        """The checked address where there is but one, else nothing."""
        return self._addresses[0] if len(self._addresses) == 1 else ""

    def resolveHostName(self, receiver: Any, _name: str, portNumber: int = 0, **_: Any) -> None:  # noqa: N802, N803
        """Give the checked addresses (`twisted.internet.interfaces.IHostnameResolver`)."""
        receiver.resolutionBegan(None)
        for address in self._addresses:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, portNumber))
        receiver.resolutionComplete()

    def connectTCP(self, host: str, port: int, *rest: Any, **more: Any) -> Any:  # noqa: N802 - Twisted's name
        """Connect to a checked address; a tunnel through a proxy asks by the proxy's name."""
        if host == self._endpoint.host:
            host = self._addresses[0]
        if host not in self._addresses or port != self._endpoint.port:
            raise RefusedAddress(f"{host} was not checked for {self._endpoint.host}")
        return self._connect_tcp(host, port, *rest, **more)


class _HeaderTooLargeError(Exception):
    """An answer's header does not end."""

    def __init__(self) -> None:
        super().__init__(f"the answer's header has more than {MAX_HEADER_BYTES} bytes")


class _BoundedParser(_LenientHTTPClientParser):
    """Scrapy's parser, which would keep as many header lines as a server has to send."""

    _header_bytes = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        self._header_bytes += len(line) + 1
        if self._header_bytes > MAX_HEADER_BYTES:
            raise _HeaderTooLargeError
        super().lineReceived(line)


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    def request(self, request: Any) -> Any:
        answer = super().request(request)
        if self._parser is not None:  # Scrapy chooses its parser in this way too
            self._parser.__class__ = _BoundedParser
        return answer


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _BoundedProtocol:  # noqa: N802 - Twisted's name
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _BoundedPool(HTTPConnectionPool):
    """Keeps connections open for the next request of the same host."""

    _factory = _BoundedFactory


def _causes(error: BaseException) -> Iterator[BaseException]:
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is not None:
            yield cause
            waiting += [
                cause.__cause__,
                *(getattr(each, "value", None) for each in getattr(cause, "reasons", ())),
            ]
