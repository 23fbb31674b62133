"""What a message's or a request's docstring says of its direction is what the code does.

The first line of each begins with ``from → to``: workers and `cli`, parted by commas, perhaps with a word for whom
it is besides; ``every worker`` stands for all of them, ``nobody`` for programs that are no part of partyline.
``media → signaling and signaling → media`` are two directions.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from common.basic.division import OWN
from common.bus.split.said import SAID_BY
from common.messages import MESSAGES, Message
from common.requests import REQUESTS, Request
from tests.structure.bus import askers, publishers, readers, servers
from tests.structure.code import PARTS, WORKERS
from workers.dashboard.live.page_requests import ALLOWED

WORDS = {**{part: {part} for part in PARTS}, "every worker": set(WORKERS), "nobody": set()}
_ONE = "|".join(sorted(WORDS, key=len, reverse=True))
_SOME = rf"(?:{_ONE})(?:, (?:{_ONE})\b)*"
_ARROW = re.compile(rf"({_SOME}) → ({_SOME})")


def direction(cls: type[Any]) -> tuple[set[str], set[str]]:
    """Return (from, to) as the first line of the docstring says."""
    line = (cls.__doc__ or "").splitlines()[0]
    found = _ARROW.findall(line)
    assert found, f"{cls.__name__}: {line!r} does not begin with `from → to`, of {', '.join(sorted(WORDS))}"
    assert line.startswith(found[0][0]), f"{cls.__name__}: the direction stands first"
    return tuple({part for pair in found for word in pair[end].split(", ") for part in WORDS[word]} for end in (0, 1))


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
def test_a_message_goes_from_whom_and_to_whom_its_docstring_says(cls: type[Message]) -> None:
    said = direction(cls)
    assert said[0] == publishers(cls), f"{cls.__name__} is published by {', '.join(sorted(publishers(cls)))}"
    assert said[1] == readers(cls), f"{cls.__name__} is read by {', '.join(sorted(readers(cls))) or 'nobody'}"


@pytest.mark.parametrize("cls", SAID_BY, ids=lambda cls: cls.__name__)
def test_a_message_crosses_a_split_from_who_publishes_it(cls: type[Message]) -> None:
    assert set(SAID_BY[cls]) == publishers(cls) - set(OWN)


@pytest.mark.parametrize("cls", REQUESTS, ids=lambda cls: cls.__name__)
def test_a_request_goes_from_whom_and_to_whom_its_docstring_says(cls: type[Request[Any]]) -> None:
    said = direction(cls)
    asking = askers(cls, ALLOWED.values())
    assert asking, f"nobody asks {cls.__name__}"
    assert said[0] == asking, f"{cls.__name__} is asked by {', '.join(sorted(asking))}"
    assert said[1] == servers(cls) == {cls.WORKER}, f"{cls.__name__} is served by {servers(cls) or 'nobody'}"
