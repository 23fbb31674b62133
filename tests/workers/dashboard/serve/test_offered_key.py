"""Where a request may have its key."""

from __future__ import annotations

import pytest

from workers.dashboard.serve.offered_key import key_of


@pytest.mark.parametrize(("headers", "key"), [
    ({"Authorization": "Bearer abc"}, "abc"),
    ({"Authorization": "bearer  abc "}, "abc"),
    ({"Authorization": "Basic abc"}, ""),
    ({"Sec-WebSocket-Protocol": "partyline.v1, key.abc"}, "abc"),
    ({}, ""),
])  # fmt: skip
def test_the_key_of_a_request(headers: dict[str, str], key: str) -> None:
    assert key_of(headers) == key
