"""The members' voices: whom a setting means, who is not heard, levels, and a connection that is lost."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.client.member_voices import MemberVoice, VoiceListener, is_meant, voices
from integrations.client.talkers import Places


def topics(*, speaking: bool, **desk: Any) -> dict[str, Any]:
    return {
        "party.state/": {"members": [
            {"account_id": "1", "platform": "PS5", "online_id": "Me", "is_me": True},
            {"account_id": "2", "platform": "PS5", "online_id": "Bo"},
        ]},
        "audio.mixer/": {"own_account": "2", "talkers": [{"peer": "2.PS5", **desk}]},
        "peer.speaking/2.PS5": {"speaking": speaking},
    }  # fmt: skip


def test_the_members_without_the_listener() -> None:
    assert voices(topics(speaking=True), {"2.PS5": -20.0}, Places()) == [
        MemberVoice("2.PS5", "2", "Bo", 1, is_own=True, speaking=True, level_db=-20.0)
    ]


def test_who_is_not_in_the_mix_does_not_speak() -> None:
    for desk in ({"muted": True}, {"hushed": True}):
        (bo,) = voices(topics(speaking=True, **desk), {}, Places())
        assert not bo.speaking
        assert bo.level_db is None


@pytest.mark.parametrize(("who", "meant"), [
    ("BO-streams", True), ("Bo", False), ("3456789012345678901", True), (2, True), (3, False), ("2", True),
    ("345678901234567", False), ("anyone", True), ("others", True), ("me", False), ("nobody", False),
])  # fmt: skip
def test_whom_a_setting_means(who: str | int, meant: bool) -> None:  # a row
    for own in (False, True):
        bo = MemberVoice("p", "3456789012345678901", "Bo-Streams", 2, is_own=own)
        assert is_meant(who, bo) is {"me": own, "others": not own}.get(str(who), meant)


def test_many_digits_are_an_account_and_few_a_place() -> None:
    assert is_meant("345678901234567", MemberVoice("p", "345678901234567", "Bo", 1))
    assert not is_meant("34567890123456", MemberVoice("p", "34567890123456", "Bo", 1))
    assert is_meant("34567890123456", MemberVoice("p", "1", "Bo", 34567890123456))


def test_who_is_only_named_is_silent_and_somebody_else() -> None:
    bo = MemberVoice("p", "1", "Bo", 1)
    assert (bo.is_own, bo.speaking, bo.level_db) == (False, False, None)
    assert VoiceListener().needs_levels()


class Heard(VoiceListener):
    def __init__(self, *, levels: bool) -> None:
        super().__init__()
        self.all: list[list[MemberVoice] | None] = []
        self._levels_too = levels

    def hear(self) -> None:
        self.all.append(self.voices)

    def needs_levels(self) -> bool:
        return self._levels_too


@pytest.mark.parametrize("levels", [True, False])
def test_each_change_is_told_and_levels_to_who_needs_them(levels: bool) -> None:  # a row
    heard = Heard(levels=levels)
    state = topics(speaking=False)
    heard.on_state(state)
    heard.on_event("audio.levels/", {"talkers": {"2.PS5": -12.0}, "mix": -12.0})
    state["peer.speaking/2.PS5"] = {"speaking": True}
    heard.on_event("peer.speaking/2.PS5", {"speaking": True})
    assert len(heard.all) == 2 + levels
    assert [(one.speaking, one.level_db) for one in heard.all[-1] or ()] == [(True, -12.0)]
    heard.on_lost()
    assert heard.all[-1] is None


def test_a_listener_that_does_nothing_is_no_listener() -> None:
    with pytest.raises(NotImplementedError):
        VoiceListener().on_lost()
