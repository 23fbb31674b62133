from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from common.requests import FollowPlayer
from workers.session.requests.following import FollowRequests


class Parts:
    """The bus, the lookups and the automatic joins."""

    def __init__(self, sentence: str = "") -> None:
        self.sentence = sentence
        self.followed: list[tuple[str, str]] = []
        self.resyncs: list[str] = []
        self.ask: Callable[[Any], Awaitable[Any]]
        FollowRequests(self, self, self.resyncs.append).serve(self)  # type: ignore[arg-type]

    def serve(self, _: type, handler: Callable[[Any], Awaitable[Any]]) -> None:
        self.ask = handler

    async def account(self, online_id: str) -> tuple[str, str]:
        return "2", online_id.upper()

    def follow(self, account_id: str, online_id: str) -> None:
        self.followed.append((account_id, online_id))

    def stop_following(self) -> str:
        return self.sentence


async def test_a_player_is_followed_by_the_name_that_playstation_spells() -> None:
    parts = Parts()
    done = await parts.ask(FollowPlayer(online_id=" bo "))
    assert done.message == "Following BO. From now on, partyline joins whatever party they are in."
    assert (parts.followed, parts.resyncs) == ([("2", "BO")], [])


async def test_nobody_is_followed_by_an_empty_name_and_a_cancelled_join_is_looked_into() -> None:
    for sentence, message in (("", "Nobody was followed."), ("Bo is not followed any more.",) * 2):
        parts = Parts(sentence)
        assert (await parts.ask(FollowPlayer(online_id=" "))).message == message
        assert (parts.followed, len(parts.resyncs)) == ([], 1)
