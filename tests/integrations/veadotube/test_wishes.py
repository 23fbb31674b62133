"""What each avatar is to do: whose voice it is, the hold, and the level."""

from __future__ import annotations

import pytest

from common.config.integration_tables import VeadoAvatar
from integrations.client.member_voices import MemberVoice
from integrations.veadotube.wishes import SILENT, AvatarWish, AvatarWishes

AVATARS = {"Bo": VeadoAvatar(speaking="t"), "others": VeadoAvatar(speaking="t"), "2": VeadoAvatar(speaking="t")}


def voice(name: str, place: int, *, speaking: bool = True, level_db: float | None = None) -> MemberVoice:
    return MemberVoice(str(place), str(place), name, place, name == "Me", speaking, level_db)


def test_an_avatar_speaks_with_whom_it_is_for() -> None:
    wishes = AvatarWishes(AVATARS, 0.0)
    heard = [voice("Bo", 1), voice("Me", 2, speaking=False)]
    wishes.hear(0.0, heard)
    assert {who for who, wish in wishes.at(0.0, heard).items() if wish.speaking} == {"Bo", "others"}
    heard = [voice("Bo", 1, speaking=False), voice("Me", 2)]
    wishes.hear(1.0, heard)
    assert {who for who, wish in wishes.at(1.0, heard).items() if wish.speaking} == {"2"}


def test_it_goes_on_for_the_hold_then_ends() -> None:
    wishes = AvatarWishes({"Bo": VeadoAvatar(speaking="t")}, 0.5)
    wishes.hear(0.0, [voice("Bo", 1)])
    assert wishes.due(0.0) is None
    quiet = [voice("Bo", 1, speaking=False)]
    wishes.hear(2.0, quiet)
    assert wishes.due(2.0) == 2.5
    assert wishes.at(2.4, quiet)["Bo"].speaking
    assert wishes.at(2.5, quiet) == {"Bo": SILENT}
    assert wishes.due(2.5) is None


def test_when_nothing_is_known_nobody_speaks() -> None:
    wishes = AvatarWishes({"Bo": VeadoAvatar(speaking="t")}, 0.0)
    wishes.hear(0.0, [voice("Bo", 1)])
    wishes.hear(1.0, None)
    assert wishes.at(1.0, None) == {"Bo": SILENT}


@pytest.mark.parametrize(("level_db", "level"), [
    (0.0, 1.0), (6.0, 1.0), (-30.0, 0.5), (-60.0, 0.0), (-120.0, 0.0), (None, 0.0),
])  # fmt: skip
def test_the_level(level_db: float | None, level: float) -> None:  # a row
    wishes = AvatarWishes({"anyone": VeadoAvatar(number="n")}, 0.0)
    heard = [voice("Bo", 1, level_db=level_db)]
    wishes.hear(0.0, heard)
    assert wishes.at(0.0, heard) == {"anyone": AvatarWish(speaking=True, level=level)}


def test_of_several_the_loudest_who_speaks_counts() -> None:
    wishes = AvatarWishes({"anyone": VeadoAvatar(number="n")}, 0.0)
    heard = [voice("Bo", 1, level_db=-30.0), voice("Cy", 2, speaking=False, level_db=0.0)]
    heard.append(voice("Di", 3, level_db=-45.0))
    wishes.hear(0.0, heard)
    assert wishes.at(0.0, heard)["anyone"].level == 0.5
