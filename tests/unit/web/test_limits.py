"""Whom the limiter counts where nobody signs in."""

import pytest

from gridboss_assets.web.limits import visitor


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("8.8.8.8", "address:8.8.8.8"),
        ("2a00:1450:4001:82a::200e", "address:2a00:1450:4001:82a::"),
        ("2a00:1450:4001:82a:ffff::1", "address:2a00:1450:4001:82a::"),
    ],
)
def test_a_visitor_is_named_by_the_network_that_asks(address: str, subject: str) -> None:
    found = visitor(address)
    assert found is not None
    assert found.subject == subject


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.17.0.1", "192.168.0.9", "::1", "fd00::1", "testclient", ""],
)
def test_an_address_that_only_a_proxy_can_have_names_nobody(address: str) -> None:
    assert visitor(address) is None
