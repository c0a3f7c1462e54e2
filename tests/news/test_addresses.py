"""Which addresses a fetch may reach: by table, by law, and against what the standard library thinks."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.addresses import blocked_among, endpoint_key, may_follow, private_hosts, why_blocked
from news.source import RequestRules, Source

PRIVATE = [  # an opt-in reaches these
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("10.0.0.1", "private network"),
    ("172.16.0.1", "private network"),
    ("172.31.255.255", "private network"),
    ("192.168.1.1", "private network"),
    ("100.64.0.1", "carrier's NAT"),
    ("100.127.255.255", "carrier's NAT"),
    ("198.18.0.1", "benchmarks"),
    ("198.19.255.255", "benchmarks"),
    ("::1", "loopback"),
    ("fc00::1", "private network"),
    ("fdff:ffff::1", "private network"),
    ("fec0::1", "site-local"),
    ("2001:2::1", "benchmarks"),
    ("::ffff:10.0.0.1", "private network"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:7f00:1", "loopback"),
    ("64:ff9b::a00:1", "private network"),
    ("64:ff9b::7f00:1", "loopback"),
    ("64:ff9b::100.64.0.1", "carrier's NAT"),
    ("64:ff9b:1::1.1.1.1", "NAT64"),
    ("64:ff9b:1::10.0.0.1", "private network"),
    ("2002:0a00:1::", "private network"),
    ("2002:7f00:1::1", "loopback"),
    ("2002:c0a8:101::5", "private network"),
    ("2001:0:0101:0101:0:0:f5ff:fffe", "private network"),  # Teredo: the client is 10.0.0.1
    ("2001:0:a00:1:0:0:fefe:fefe", "private network"),  # Teredo: the server is
]
NEVER = [
    ("0.0.0.0", "'this network'"),
    ("0.1.2.3", "'this network'"),
    ("169.254.169.254", "link-local"),
    ("169.254.0.1", "link-local"),
    ("100.100.100.200", "metadata"),
    ("168.63.129.16", "metadata"),
    ("192.0.0.1", "protocol"),
    ("192.0.2.1", "documentation"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("192.88.99.1", "6to4 relay"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.250", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("fd00:ec2::254", "metadata"),
    ("fe80::1", "link-local"),
    ("febf::1", "link-local"),
    ("fe80::1%eth0", "network interface"),
    ("2606:4700::1%1", "network interface"),
    ("ff02::1", "multicast"),
    ("2001:db8::1", "documentation"),
    ("3fff::1", "documentation"),
    ("2001:10::1", "protocol"),
    ("100::1", "discarded"),
    ("5f00::1", "reserved"),
    ("4000::1", "reserved"),
    ("::ffff:169.254.169.254", "link-local"),
    ("64:ff9b::169.254.169.254", "link-local"),
    ("64:ff9b:1:a9fe:a9:fe00::", "link-local"),  # in the place of a prefix of 48 bits
    ("2002:a9fe:a9fe::1", "link-local"),
    ("::10.0.0.1", "no longer in use"),
    ("::8.8.8.8", "no longer in use"),
    ("::ffff:0:10.0.0.1", "no longer in use"),
    ("", "no IP address"),
    ("localhost", "no IP address"),
    ("127.1", "no IP address"),
    ("0x7f.0.0.1", "no IP address"),
    ("2130706433", "no IP address"),
    ("010.0.0.1", "no IP address"),
    ("[::1]", "no IP address"),
    ("127.0.0.1 ", "no IP address"),
    ("1.1.1.1\n", "no IP address"),
]
PUBLIC = [
    "1.1.1.1", "93.184.215.14", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
    "128.0.0.0", "169.253.0.1", "172.15.255.255", "172.32.0.0", "192.167.0.1", "198.17.255.255", "198.20.0.0",
    "223.255.255.255", "2606:4700:4700::1111", "2a00::1", "2001:4860:4860::8888", "64:ff9b::1.1.1.1",
    "::ffff:1.1.1.1", "2002:101:101::1", "2001:0:0101:0101:0:0:fefe:fefe",
]  # fmt: skip


def test_an_address_inside_another_is_named() -> None:
    assert (
        why_blocked("::ffff:10.0.0.1") == "an address that carries 10.0.0.1, an address of a private network"
    )


@pytest.mark.parametrize(("address", "reason"), PRIVATE)
def test_a_private_address_is_blocked_unless_the_source_opted_in(address: str, reason: str) -> None:
    told = why_blocked(address)
    assert told is not None
    assert reason in told
    assert why_blocked(address, private=True) is None


@pytest.mark.parametrize(("address", "reason"), NEVER)
def test_some_addresses_are_blocked_whatever_a_source_says(address: str, reason: str) -> None:
    for private in (False, True):
        told = why_blocked(address, private=private)
        assert told is not None
        assert reason in told


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_free(address: str) -> None:
    assert why_blocked(address) is None
    assert why_blocked(address, private=True) is None


@given(st.ip_addresses())
def test_nothing_is_free_that_the_standard_library_calls_special(address: IPv4Address | IPv6Address) -> None:
    special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    carrier = isinstance(address, IPv6Address) and (
        address.ipv4_mapped or str(address).startswith("64:ff9b:")
    )
    assert why_blocked(str(address)) is not None or not special or carrier


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_every_ipv6_clothing(address: IPv4Address) -> None:
    bits, plain = int(address), why_blocked(str(address)) is None
    worn = {
        "mapped": IPv6Address(0xFFFF << 32 | bits),
        "NAT64": IPv6Address(0x64FF9B << 96 | bits),
        "6to4": IPv6Address(0x2002 << 112 | bits << 80 | 1),
        "Teredo client": IPv6Address(0x20010000 << 96 | 0x01010101 << 64 | (bits ^ 0xFFFFFFFF)),
        "Teredo server": IPv6Address(0x20010000 << 96 | bits << 64 | 0xFEFEFEFE),
    }
    assert {name: why_blocked(str(each)) is None for name, each in worn.items()} == dict.fromkeys(worn, plain)


@given(st.text(max_size=40))
def test_any_text_is_judged_and_only_an_address_is_free(text: str) -> None:
    if why_blocked(text) is None:
        assert str(ip_address(text))


def test_one_blocked_address_is_enough_to_refuse_a_name() -> None:
    public = ["93.184.215.14", "2606:4700:4700::1111"]
    assert blocked_among(public) is None
    assert blocked_among([]) is None
    found = blocked_among([*public, "10.0.0.1", "127.0.0.1"])
    assert found is not None
    assert (found.address, found.private) == ("10.0.0.1", True)
    assert blocked_among([*public, "10.0.0.1"], private=True) is None
    found = blocked_among([*public, "10.0.0.1", "169.254.169.254"], private=True)
    assert found is not None
    assert (found.address, found.private) == ("169.254.169.254", False)


@pytest.mark.parametrize(
    ("host", "port", "key"),
    [
        ("localhost", 8000, "localhost:8000"),
        ("www.Intranet.example", 80, "intranet.example"),
        ("intranet.example", 443, "intranet.example"),
        ("intranet.example", 8443, "intranet.example:8443"),
        ("10.0.0.1", 80, "10.0.0.1"),
        ("fd00::1", 8080, "[fd00::1]:8080"),
    ],
)
def test_an_endpoint_has_one_key_for_http_and_https(host: str, port: int, key: str) -> None:
    assert endpoint_key(host, port) == key


def test_an_opt_in_covers_the_named_hosts_with_their_ports_and_no_other() -> None:
    rules = RequestRules(allow_private=True)
    of = Source(
        name="a",
        url="http://www.intranet.example/news/",
        page_url="https://pages.example:8443/",
        hosts=("media.example", "localhost:8000"),
        request=rules,
    )
    assert private_hosts(of) == {
        "intranet.example",
        "pages.example:8443",
        "media.example",
        "localhost:8000",
    }
    assert private_hosts(Source(name="a", url="http://10.0.0.1:443/", request=rules)) == {"10.0.0.1"}
    assert private_hosts(Source(name="a", url=of.url, page_url=of.page_url, hosts=of.hosts)) == frozenset()


def test_an_opt_in_never_follows_a_redirect_to_another_host() -> None:
    of = Source(name="a", url="http://intranet.example/", request=RequestRules(allow_private=True))
    assert may_follow(of, "https://www.intranet.example/news/")
    assert not may_follow(of, "https://public.example/")
    assert not may_follow(of, "http://intranet.example:8080/")
    assert may_follow(Source(name="a", url=of.url), "https://public.example/")
