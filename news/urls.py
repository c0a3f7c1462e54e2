"""Addresses: one identity for every spelling, what is safe to ask for, and what is safe to print.

The spellings that a site uses for one article (``www.``, scheme, trailing slash, ``%D8`` or ``%d8``, tracking
parameters, fragment) are one identity here. What is asked for stays as the site spells it. Splitting follows
RFC 3986; refusals follow what parsers disagree about: user info, backslashes, control characters, odd numbers.
"""

import ipaddress
import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

from w3lib.url import safe_url_string

from news.errors import UrlError

MAX_URL_LENGTH = 8_000
"""Characters: servers refuse request lines beyond about 8 KiB, so a longer address cannot be asked for."""

TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "hsa_", "guce_", "ns_mchannel", "ns_campaign", "_branch_")
"""Families of parameters that campaigns add: Google/Urchin, Matomo, HubSpot, Yahoo, comScore, Branch."""

TRACKING_PARAMETERS = frozenset(
    # Click identifiers that advertisers and networks append to whatever address they send people to.
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid li_fat_id igshid igsh epik srsltid "
    "mibextid sfnsn fb_action_ids fb_action_types fb_source fb_ref __twitter_impression ref_src ref_url "
    # Mailing and campaign systems: Mailchimp, HubSpot, Marketo, Vero, Omeda, AT Internet, Webtrekk, comScore.
    "mc_cid mc_eid _hsenc _hsmi __hstc __hssc __hsfp mkt_tok vero_id vero_conv oly_anon_id oly_enc_id xtor "
    "wt_mc wt.mc_id ns_source ns_linkname ns_fee at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 "
    # Analytics and sessions of the visitor, which say nothing of the page.
    "_ga _gl guccounter s_cid cmpid ocid spm phpsessid jsessionid".split()
)
"""Parameters that never choose the page. ``ref``, ``source``, ``id``, ``p`` and the like are missing on purpose."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ASCII_SPACE = " \t\n\r\f"
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")
_HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
_NUMERIC_LABEL = re.compile(r"(?:\d+|0x[0-9a-f]*)\Z")
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9~_!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@-]*)+/?")
_PLAIN_QUERY = re.compile(r"[A-Za-z0-9._~-]*")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# IDNA 2003, which the standard library speaks, maps these away; browsers (UTS 46) ask for the real name.
_DEVIATIONS = re.compile("[\u00df\u03c2\u200c\u200d]")
_SEGMENT_SAFE = "!$&'()*+,;=:@~"
_QUERY_SAFE = "!$'()*,;:@/?~"
_LINK_UNSAFE = {ord(character): f"%{ord(character):02X}" for character in "\"'()<>[]\\^`{|}"}


class Endpoint(NamedTuple):
    """Where a request goes: ``host`` is a lower-case ASCII name or an address, without brackets."""

    scheme: str
    host: str
    port: int


class _Address(NamedTuple):
    scheme: str
    host: str
    port: int | None  # None: the scheme's default
    parts: SplitResult


def canonical_url(url: str, base_url: str | None = None) -> str:
    """Return the spelling under which an address is known, whatever spelling it came in.

    Lower-case host without ``www.`` and in punycode, https, no default port, percent-escapes in one upper-case
    form over NFC text, dot segments resolved, empty segments, trailing slash and fragment dropped, tracking
    parameters dropped; every other query parameter is kept, in sorted order, because it may choose the article.
    Idempotent.

    Args:
        url: an absolute address, or a relative one together with ``base_url``.
        base_url: absolute address of the page that holds the link.

    Raises:
        UrlError: not http(s), no host, user info, backslash, control characters, impossible host or port.

    >>> canonical_url("http://www.icesco.org/en/2023/11/19/a-slug/?utm_source=x&t_id=7#top")
    'https://icesco.org/en/2023/11/19/a-slug?t_id=7'
    >>> canonical_url("/ar/category/%d8%a7", "https://icesco.org/") == canonical_url(
    ...     "https://icesco.org/ar/category/ا"
    ... )
    True
    """
    return _canonical(url, base_url)


@lru_cache(maxsize=8192)
def _canonical(url: str, base_url: str | None) -> str:
    address = _split(url, base_url)
    # 443 is what https gets anyway, and an http address with that port would otherwise change when read again.
    port = "" if address.port in (None, 443) else f":{address.port}"
    query = _canonical_query(address.parts.query)
    canonical = f"https://{_without_www(address.host)}{port}{_canonical_path(address.parts.path)}{query}"
    return _not_too_long(canonical)


def url_key(url: str) -> str:
    """Return the 32-hex BLAKE2b-128 of the canonical URL: a key of fixed width for tables.

    >>> url_key("http://www.icesco.org/en/") == url_key("https://icesco.org/en")
    True
    """
    return blake2b(canonical_url(url).encode("ascii"), digest_size=16).hexdigest()


def host_key(url: str) -> str:
    """Return the host that politeness is kept for: lower-case, punycode, no ``www.``, a port only if unusual.

    >>> host_key("https://www.Example.org/a"), host_key("http://example.org:8080/")
    ('example.org', 'example.org:8080')
    """
    address = _split(url, None)
    return _without_www(address.host) + (f":{address.port}" if address.port else "")


def endpoint_of(url: str) -> Endpoint:
    """Return where an address leads, as the one parser that tidings trusts reads it.

    Raises:
        UrlError: see `canonical_url`.

    >>> endpoint_of("https://Example.org/a"), endpoint_of("http://[0:0::1]:8000/")
    (Endpoint(scheme='https', host='example.org', port=443), Endpoint(scheme='http', host='::1', port=8000))
    """
    address = _split(url, None)
    port = address.port or _DEFAULT_PORTS[address.scheme]
    return Endpoint(address.scheme, address.host.strip("[]"), port)


def fetchable_url(url: str, base_url: str | None = None) -> str:
    """Return the absolute address to request, as the site spells it, without its fragment.

    Scheme, ``www.``, query order and trailing slash stay; dot segments are resolved and what a request line cannot
    hold is percent-encoded.

    Raises:
        UrlError: see `canonical_url`.

    >>> fetchable_url("../b c/?z=1&a=2#x", "http://www.icesco.org/en/a/")
    'http://www.icesco.org/en/b%20c/?z=1&a=2'
    """
    return _not_too_long(_absolute(_split(url, base_url)))


def shown_url(url: str) -> str:
    """Return an address as a reader should get it: as the site spells it, without fragment and tracking parameters.

    Unlike the canonical URL it is one that the site answers: it keeps the scheme, ``www.`` and a trailing slash.

    Raises:
        UrlError: see `canonical_url`.

    >>> shown_url("http://www.icesco.org/en/2023/11/19/a-slug/?utm_source=x&t_id=7#top")
    'http://www.icesco.org/en/2023/11/19/a-slug/?t_id=7'
    """
    path, mark, query = fetchable_url(url).partition("?")
    kept = "&".join(
        pair for pair in query.split("&") if not _is_tracking(_query_token(pair.partition("=")[0]))
    )
    return path + (mark + kept if kept else "")


def link_url(url: str) -> str:
    """Return an address in percent-encoded ASCII that is safe to print as a link target in HTML, Markdown or text.

    Raises:
        UrlError: see `canonical_url`; so a ``javascript:`` address is never printed as a link.

    >>> link_url('https://icesco.org/a"b/(ا)')
    'https://icesco.org/a%22b/%28%D8%A7%29'
    """
    address = _split(url, None)
    origin = _origin(address)
    fragment = f"#{address.parts.fragment}" if address.parts.fragment else ""
    encoded = safe_url_string(_LONE_PERCENT.sub("%25", _absolute(address) + fragment))
    return _not_too_long(origin + encoded[len(origin) :].translate(_LINK_UNSAFE))


def _split(url: str, base_url: str | None) -> _Address:
    url = _checked(url)
    base = None if base_url is None else _checked(base_url)
    try:
        absolute = url if base is None else urljoin(base, url)
        parts = urlsplit(absolute)
    except ValueError as error:
        raise UrlError(f"Cannot read the address {url[:200]!r}: {error}. Check the link.") from None
    if parts.scheme not in _DEFAULT_PORTS:
        scheme = parts.scheme or "none"
        raise UrlError(
            f"{absolute[:200]!r} is not a web address (scheme: {scheme}); give one with http or https."
        )
    if "@" in parts.netloc:
        raise UrlError(
            f"The address on {parts.netloc.rpartition('@')[2][:200]!r} holds user info; leave it out."
        )
    host, port = _host_and_port(parts.netloc)
    if not host:
        raise UrlError(
            f"{absolute[:200]!r} names no host; give a whole address such as https://example.org/news."
        )
    # White space before a fragment stands at the end of what is asked for, where it is dropped like any other.
    last = "query" if parts.query else "path"
    parts = parts._replace(**{last: getattr(parts, last).rstrip(_ASCII_SPACE)})
    return _Address(parts.scheme, host, None if port == _DEFAULT_PORTS[parts.scheme] else port, parts)


def _checked(url: str) -> str:
    url = url.strip(_ASCII_SPACE)
    if not url:
        raise UrlError("The address is empty; give one with http or https.")
    if "\\" in url:
        raise UrlError(
            f"'{_printable(url[:200])}' holds a backslash, about which parsers disagree; write a slash if one is meant."
        )
    if _FORBIDDEN.search(url):
        raise UrlError(
            f"{url[:200]!r} holds a control character, about which parsers disagree. Mend the link."
        )
    return _not_too_long(url)


def _printable(text: str) -> str:
    """Return text with control characters written out; unlike ``repr`` it leaves backslashes as they were typed."""
    return _FORBIDDEN.sub(lambda match: match[0] if match[0] == "\\" else ascii(match[0])[1:-1], text)


def _not_too_long(url: str) -> str:
    if len(url) > MAX_URL_LENGTH:
        raise UrlError(
            f"The address {url[:80]!r}… has {len(url)} characters, more than {MAX_URL_LENGTH}; no server takes it."
        )
    return url


@lru_cache(maxsize=4096)
def _host_and_port(netloc: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?", netloc)
    if match is None:
        raise UrlError(f"{netloc[:200]!r} is not a host with a port; the port must be a number.")
    port = int(match[2][:6]) if match[2] else None
    if port is not None and not 0 < port < 65_536:
        raise UrlError(f"The port in {netloc[:200]!r} is not between 1 and 65535.")
    return _ascii_host(match[1]), port


def _ascii_host(host: str) -> str:
    if host.startswith("["):
        try:
            address = ipaddress.IPv6Address(host[1:-1])
            if address.scope_id is not None:
                raise ValueError("a scope id names a network interface of one machine")
            return f"[{address.compressed}]"
        except ValueError:
            raise UrlError(f"{host[:200]!r} is not an IPv6 address.") from None
    try:
        name = (
            host.lower()
            if host.isascii()
            else ".".join(map(_ascii_label, re.split("[.\u3002\uff0e\uff61]", host)))
        )
    except UnicodeError:
        raise UrlError(f"{host[:200]!r} cannot be written as an internet host name (IDNA).") from None
    name = name.removesuffix(".")
    if not name:
        return ""
    if not _HOST.fullmatch(name):
        raise UrlError(f"{host[:200]!r} is not a host name.")
    if _NUMERIC_LABEL.match(name.rpartition(".")[2]):
        # "0x7f.1" and "2130706433" are addresses to some resolvers and names to others: only the plain form passes.
        try:
            ipaddress.IPv4Address(name)
        except ValueError:
            raise UrlError(f"{host[:200]!r} is neither a host name nor a plain IPv4 address.") from None
    return name


def _ascii_label(label: str) -> str:
    if not _DEVIATIONS.search(label):
        return label.encode("idna").decode("ascii").lower() if label else label
    folded = unicodedata.normalize("NFKC", label).lower()
    return "xn--" + folded.encode("punycode").decode("ascii")


def _without_www(host: str) -> str:
    while host.startswith("www.") and "." in host[4:] and not _NUMERIC_LABEL.match(host.rpartition(".")[2]):
        host = host[4:]
    return host


def _canonical_path(path: str) -> str:
    if _PLAIN_PATH.fullmatch(path):
        return path.removesuffix("/")
    # Split before decoding: an escaped slash is data of its segment, a plain one is structure.
    segments = _resolved([_decoded(segment) for segment in path.split("/")])
    return "/" + "/".join(
        quote(segment, safe=_SEGMENT_SAFE, errors="surrogateescape") for segment in segments if segment
    )


def _resolved(segments: list[str]) -> list[str]:
    """Resolve ``.`` and ``..`` (RFC 3986, section 5.2.4); a final one leaves an empty segment: a trailing slash."""
    resolved: list[str] = []
    for segment in segments:
        if segment == "..":
            del resolved[max(len(resolved) - 1, 1) :]
        elif segment != ".":
            resolved.append(segment)
    if segments[-1] in (".", ".."):
        resolved.append("")
    return resolved


def _canonical_query(query: str) -> str:
    if not query:
        return ""
    pairs = []
    for pair in query.split("&"):
        raw_name, _, raw_value = pair.partition("=")
        name = _query_token(raw_name)
        if pair.strip("=") and not _is_tracking(name):
            pairs.append((name, _query_token(raw_value)))
    if not pairs:
        return ""
    return "?" + "&".join(f"{name}={value}" if value else name for name, value in sorted(pairs))


def _is_tracking(name: str) -> bool:
    lowered = name.lower()
    return lowered in TRACKING_PARAMETERS or lowered.startswith(TRACKING_PREFIXES)


def _query_token(token: str) -> str:
    """Return a name or value of a query in one spelling (form encoding: a plus is a space)."""
    if _PLAIN_QUERY.fullmatch(token):
        return token
    return quote(_decoded(token.replace("+", " ")), safe=_QUERY_SAFE + " ", errors="surrogateescape").replace(
        " ", "+"
    )


def _decoded(text: str) -> str:
    """Return what escaped text says, in NFC; bytes that aren't UTF-8 survive as surrogates for the way back."""
    if "%" in text:
        text = unquote_to_bytes(text).decode("utf-8", "surrogateescape")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _origin(address: _Address) -> str:
    return f"{address.scheme}://{address.host}" + (f":{address.port}" if address.port else "")


def _absolute(address: _Address) -> str:
    path = address.parts.path or "/"
    if "/." in path or "%2e" in path.lower():
        segments = path.split("/")
        plain = [segment.lower().replace("%2e", ".") for segment in segments]
        # Only segments that *are* dots are resolved; the rest keep the site's spelling.
        path = "/".join(
            _resolved(
                [dots if dots in (".", "..") else raw for dots, raw in zip(plain, segments, strict=True)]
            )
        )
    query = f"?{address.parts.query}" if address.parts.query else ""
    return safe_url_string(_LONE_PERCENT.sub("%25", _origin(address) + (path or "/") + query))
