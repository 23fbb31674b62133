"""The settings, and the connection to a stand-in for veadotube."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from common.config.integration_tables import VeadoAvatar, VeadotubeSettings
from common.config.settings import of_text
from common.files.paths import Paths
from integrations.catalogue import Around
from integrations.client.access import ApiAccess
from integrations.client.together import together
from integrations.veadotube import veado_link
from integrations.veadotube.instances import VeadotubeAwayError
from integrations.veadotube.run import AvatarVoices, VeadoSettingsError, check, checked, places
from integrations.veadotube.veado_link import VeadoLink
from tests.integrations.veadotube.fake_veado import FakeVeado, served
from tests.support.waiting import until

AVATAR = VeadoAvatar(speaking="talking", boolean="lamp", number="mouth")


def topics(*, speaking: bool) -> dict[str, Any]:
    return {
        "party.state/": {"members": [{"account_id": "2", "platform": "PS5", "online_id": "Bo"}]},
        "peer.speaking/2.PS5": {"speaking": speaking},
    }


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(veado_link, "WAITS_S", (0.02,))
    monkeypatch.setattr(veado_link, "AGAIN_S", 0.02)


@asynccontextmanager
async def following(veado: FakeVeado, avatar: VeadoAvatar = AVATAR) -> AsyncIterator[AvatarVoices]:
    settings = checked(VeadotubeSettings(address=veado.address, avatars={"Bo": avatar}, hold_ms=10))
    voices = AvatarVoices(settings)
    link = VeadoLink("", lambda: veado.address, settings.avatars, voices.wishes)
    voices.tell(link.look)
    task = asyncio.create_task(together(link.run(), voices.run()))
    try:
        yield voices
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_the_avatar_speaks_and_is_left_as_it_was() -> None:
    async with served(FakeVeado()) as veado:
        async with following(veado) as voices:
            voices.on_state(topics(speaking=True))
            await until(lambda: veado.state == "talking", "it talks")
            await until(lambda: veado.nodes["boolean", "lamp"] is True, "the lamp is on")
            voices.on_event("audio.levels/", {"talkers": {"2.PS5": -30.0}, "mix": -30.0})
            await until(lambda: veado.nodes["number", "mouth"]["value"] == 0.0, "the mouth follows")
            voices.on_state(topics(speaking=False))
            await until(lambda: veado.state == "calm", "it is calm after the hold, though nothing more is heard")
            await until(lambda: veado.nodes["number", "mouth"]["value"] == -1.0, "the mouth is shut")
            voices.on_state(topics(speaking=True))
            await until(lambda: veado.state == "talking", "it talks again")
        await until(lambda: veado.nodes["number", "mouth"]["value"] == 0.2, "the mouth is as it was")
        assert veado.state == "calm"
    assert set(veado.names) == {"partyline"}


async def test_of_two_states_one_is_set_and_it_is_left_as_it_was() -> None:
    async with served(FakeVeado()) as veado:
        async with following(veado, VeadoAvatar(speaking="talking", silent="angry")) as voices:
            voices.on_state(topics(speaking=True))
            await until(lambda: veado.state == "talking", "it talks")
            voices.on_state(topics(speaking=False))
            await until(lambda: veado.state == "angry", "it is angry otherwise")
        await until(lambda: veado.state == "calm", "it is as it was")


async def test_veadotube_is_waited_for_and_has_the_right_state_when_it_is_back() -> None:
    veado = FakeVeado()
    with structlog.testing.capture_logs() as logs:
        async with following(veado) as voices:
            voices.on_state(topics(speaking=True))
            await until(lambda: any(one["event"] == "waits for veadotube" for one in logs), "that it waits is told")
            async with served(veado):
                await until(lambda: veado.state == "talking", "it talks")
                await veado.close_clients()
            veado.stack = ["3"]
            async with served(veado):
                await until(lambda: veado.state == "talking", "it talks again")
    assert all(one["remedy"] for one in logs if one["log_level"] == "warning")


async def test_a_state_that_is_loaded_later_is_found() -> None:
    with structlog.testing.capture_logs() as logs:
        async with served(FakeVeado()) as veado, following(veado, VeadoAvatar(speaking="singing")) as voices:
            voices.on_state(topics(speaking=True))
            await until(lambda: any("“singing”" in str(one.get("error")) for one in logs), "it is told")
            veado.states["S"] = "singing"
            await until(lambda: veado.state == "singing", "it sings")
    assert len([one for one in logs if one["event"] == "a setting does not fit"]) == 1


# --- settings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("avatars", "told"), [
    ({}, "No avatar"), ({"Bo": VeadoAvatar()}, "Bo has nothing to do"),
    ({"Bo": VeadoAvatar(silent="calm", number="n")}, "has silent, but not speaking"),
])  # fmt: skip
def test_avatars_that_cannot_be_followed_are_told(avatars: dict[str, VeadoAvatar], told: str) -> None:
    with pytest.raises(VeadoSettingsError, match=told) as wrong:
        checked(VeadotubeSettings(avatars=avatars))
    assert wrong.value.remedy


def test_each_veadotube_has_its_avatars() -> None:
    usual, other = VeadoAvatar(speaking="a"), VeadoAvatar(speaking="a", address="h:1")
    settings = checked(VeadotubeSettings(instance="mini", avatars={"Bo": usual, "Cy": usual, "Di": other}))
    assert {place: list(group) for place, group in places(settings).items()} == {
        ("", "mini"): ["Bo", "Cy"], ("h:1", ""): ["Di"]
    }  # fmt: skip


async def test_the_settings_in_words(tmp_path: Path) -> None:
    settings = of_text(
        '[veadotube.avatars.Bo-Streams]\nspeaking = "talking"\nsilent = "calm"\n'
        '[veadotube.avatars.me]\nspeaking = "talking"\nboolean = "lamp"\nnumber = "mouth"\naddress = "h:1"\n', "here",
    )  # fmt: skip
    around = Around(find=lambda: ApiAccess("http://here", "k"), settings=settings, paths=Paths(tmp_path))
    assert [part.words for part in await check(around)] == [
        "While Bo-Streams speaks: state “talking”, otherwise “calm”. In veadotube.",
        "While me speaks: state “talking” on top, boolean “lamp” is true, number “mouth” follows the voice. In h:1.",
    ]


def test_no_veadotube_is_found_in_an_empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from integrations.veadotube.run import _finder  # noqa: PLC0415  # what the links are given

    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(VeadotubeAwayError):
        _finder("", "")()
    assert _finder("h:1", "")() == "h:1"
