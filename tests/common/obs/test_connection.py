"""Where OBS reaches us, by the two ends of the connection to it."""

from __future__ import annotations

import pytest

from common.obs.connection import own_address


@pytest.mark.parametrize(
    ("local", "remote", "found"),
    [
        (("127.0.0.1", 50000), ("127.0.0.1", 4455), ""),
        (("::1", 50000, 0, 0), ("::1", 4455, 0, 0), ""),
        (("192.168.1.7", 50000), ("192.168.1.7", 4455), ""),  # an OBS here, by this machine's address in the network
        (("192.168.1.7", 50000), ("192.168.1.9", 4455), "192.168.1.7"),
        (("fe80::7%en0", 50000, 0, 4), ("fe80::9%en0", 4455, 0, 4), "fe80::7"),
        (("::ffff:192.168.1.7", 50000, 0, 0), ("::ffff:192.168.1.9", 4455, 0, 0), "192.168.1.7"),
        (None, None, ""),
    ],
)
def test_where_another_machine_reaches_us(local: tuple | None, remote: tuple | None, found: str) -> None:
    assert own_address(local, remote) == found
