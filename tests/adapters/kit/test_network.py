"""Which addresses may be connected to, by our own list."""

from ipaddress import IPv4Address

import pytest

from adapters.kit.http.network import NetworkPolicy

PUBLIC = NetworkPolicy()


SPECIAL = """
0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 172.31.255.255
192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255 100.100.100.200 :: ::1 ::7f00:1 ::ffff:127.0.0.1
::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:db8::1
2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1
"""


@pytest.mark.parametrize("address", SPECIAL.split())
def test_S09_special_addresses_are_refused(address):
    assert not PUBLIC.allows(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "::ffff:8.8.8.8", "2606:4700::1111"],
)
def test_public_addresses_are_allowed(address):
    assert PUBLIC.allows(address)


def test_only_named_private_networks_are_allowed_and_never_those_that_hand_out_credentials():
    named = NetworkPolicy.named(["10.0.0.0/8", "169.254.0.0/16", "fd00::/8"])
    assert named.allows("10.1.2.3")
    assert named.allows("::ffff:10.1.2.3")
    assert not named.allows("192.168.0.1")
    for credentials in ("169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254"):
        assert not named.allows(credentials)


METADATA = """
169.254.169.254 169.254.170.2 100.100.100.200 168.63.129.16 192.0.0.192 169.254.0.23
"""
IN_IPV6 = (
    "::ffff:{}",
    "64:ff9b::{}",
    "64:ff9b:1::{}",
    "::{}",
    "fe80::5efe:{}",
    "fd12::200:5efe:{}",
    "2001:db8::5efe:{}",
)


def spellings(address):
    """An IPv4 address as it may be written, also where something on the way translates it."""
    high, low = divmod(int(IPv4Address(address)), 65536)
    hexed = f"{high:x}:{low:x}"
    yield from (address, f"2002:{hexed}::", f"2002:{hexed}::1")
    for form in IN_IPV6:
        yield form.format(address)
        yield form.format(hexed)
    yield f"2001:0:{hexed}:0:0:0:0"
    yield f"2001:0:808:808:0:0:{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}"


@pytest.mark.parametrize("address", METADATA.split())
def test_what_hands_out_credentials_is_refused_however_spelt_and_whatever_is_named(address):
    everything = NetworkPolicy.named(["0.0.0.0/0", "::/0"], http=True)
    assert everything.allows("10.1.2.3")
    assert everything.allows("64:ff9b::a01:203")
    assert [one for one in spellings(address) if everything.allows(one)] == []


@pytest.mark.parametrize(
    "address", ["fd00:ec2::254", "fd20:ce::254", "fd00:ec2::23", "FD20:00CE:0:0::254%eth0"]
)
def test_so_are_those_that_are_ipv6(address):
    assert not NetworkPolicy.named(["::/0", f"{address.partition('%')[0]}/128"]).allows(address)


@pytest.mark.parametrize(
    ("url", "http", "https_only"),
    [
        ("https://example.com/a", True, True),
        ("http://example.com", True, False),
        ("ftp://example.com", False, False),
        ("example.com", False, False),
        ("https://", False, False),
        ("https://user@example.com", False, False),
        ("https://u:p@example.com", False, False),
        ("https://example.com:99999", False, False),
        ("https://[::1", False, False),
    ],
)
def test_a_url_is_refused_with_a_reason(url, http, https_only):
    assert (NetworkPolicy(http=True).refusal(url) is None) is http
    assert (PUBLIC.refusal(url) is None) is https_only
