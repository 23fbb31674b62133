"""What may stand in the place of a link, and how members are listed."""

from __future__ import annotations

import pytest

from cli.party.join import member_lines, shield
from cli.shared.terminal import Style
from tests.support.made import BO, ME

ID = "-Abcdefghijklmnopqrstu"


@pytest.mark.parametrize(
    ("given", "shielded"),
    [
        ([ID], ["--", ID]),
        ([ID, "--timeout", "5"], ["--timeout", "5", "--", ID]),
        (["--wait"], ["--wait"]),
        (["--", ID], ["--", ID]),
        ([ID, ID], [ID, ID]),
        (["https://party.playstation.com/js_x"], ["https://party.playstation.com/js_x"]),
    ],
)
def test_an_id_with_a_dash_is_no_option(given, shielded):
    assert shield(given) == shielded


def test_host_and_own_device_are_marked():
    lines = member_lines([ME, BO], Style(on=False))
    assert [line.split() for line in lines[1:]] == [
        ["Ava-Demo", "phone", "this", "computer"],
        ["Bo-Streams", "PS5", "host"],
    ]
