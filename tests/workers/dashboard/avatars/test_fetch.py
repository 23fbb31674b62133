from __future__ import annotations

import pytest

from workers.dashboard.avatars.fetch import safe_url

HOSTS = ("playstation.net", "playstation.com")
SIMULATOR = "http://127.0.0.1:8999/mobile"


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("https://psn-rsc.prod.dl.playstation.net/a/x.png", "https://psn-rsc.prod.dl.playstation.net/a/x.png"),
        ("http://static-resource.np.playstation.net/x.png?v=1", "https://static-resource.np.playstation.net/x.png?v=1"),
        ("http://127.0.0.1:8999/pictures/1_xl.png", "http://127.0.0.1:8999/pictures/1_xl.png"),
        ("http://127.0.0.1:22/x.png", ""),
        ("http://169.254.169.254/latest/meta-data", ""),
        ("https://playstation.net.evil.example/x.png", ""),
        ("https://notplaystation.net/x.png", ""),
        ("https://playstation.net@evil.example/x.png", ""),
        ("https://user:secret@a.playstation.net/x.png", ""),
        ("https://a.playstation.net:8443/x.png", ""),
        ("file:///etc/passwd", ""),
        ("//a.playstation.net/x.png", ""),
        ("https://[bad", ""),
        ("", ""),
    ],
)
def test_a_picture_is_fetched_by_https_from_playstations_hosts_or_from_the_simulator(url: str, fetched: str) -> None:
    assert safe_url(url, HOSTS, SIMULATOR) == fetched
    if "127.0.0.1" in url:
        assert safe_url(url, HOSTS, "https://m.np.playstation.com") == ""
