"""`partyline integration veadotube`: avatars by who speaks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from common.api.frames import Subscribe
from common.config.integration_tables import VeadoAvatar, VeadotubeSettings
from common.errors import PartylineError
from integrations.catalogue import Around, CheckedPart
from integrations.client.api_client import ApiClient
from integrations.client.member_voices import WATCHED, VoiceListener
from integrations.client.together import together
from integrations.veadotube import instances
from integrations.veadotube.veado_link import VeadoLink
from integrations.veadotube.wishes import AvatarWish, AvatarWishes


class VeadoSettingsError(PartylineError):
    """The settings cannot be used."""

    code = "veadotube.settings"


async def run(around: Around) -> None:
    """Follow the voices until cancelled, then leave the avatars as they were."""
    settings = checked(around.settings.veadotube)
    avatars = AvatarVoices(settings)
    links = [
        VeadoLink(address or instance, _finder(address, instance), group, avatars.wishes)
        for (address, instance), group in places(settings).items()
    ]
    for link in links:
        avatars.tell(link.look)
    client = ApiClient(around.find, Subscribe(id=0, topics=WATCHED), avatars)
    await together(client.run(), avatars.run(), *(link.run() for link in links))


async def check(around: Around, only: str = "") -> list[CheckedPart]:
    """Return the avatars in words. Raises `PartylineError`."""
    del only  # all of them
    lines = []
    for who, avatar in checked(around.settings.veadotube).avatars.items():
        does = []
        if avatar.speaking and avatar.silent:
            does.append(f"state “{avatar.speaking}”, otherwise “{avatar.silent}”")
        elif avatar.speaking:
            does.append(f"state “{avatar.speaking}” on top")
        if avatar.boolean:
            does.append(f"boolean “{avatar.boolean}” is true")
        if avatar.number:
            does.append(f"number “{avatar.number}” follows the voice")
        lines.append(f"While {who} speaks: {', '.join(does)}. In {avatar.address or avatar.instance or 'veadotube'}.")
    return [CheckedPart("", line) for line in lines]


def checked(settings: VeadotubeSettings) -> VeadotubeSettings:
    """Return the settings with each avatar's place, if they can be followed. Raises `VeadoSettingsError`."""
    if not settings.avatars:
        raise VeadoSettingsError(
            "No avatar is set up for veadotube.",
            'Name one, e.g. `partyline config set veadotube.avatars \'{"Bo-Streams": {"speaking": "talking"}}\'`.',
        )
    for who, avatar in settings.avatars.items():
        if not (avatar.speaking or avatar.number or avatar.boolean):
            raise VeadoSettingsError(
                f"veadotube.avatars: the avatar of {who} has nothing to do.", "Give it speaking, number or boolean."
            )
        if avatar.silent and not avatar.speaking:
            raise VeadoSettingsError(
                f"veadotube.avatars: the avatar of {who} has silent, but not speaking.", "Give it speaking too."
            )
    return msgspec.structs.replace(
        settings, avatars={who: _placed(avatar, settings) for who, avatar in settings.avatars.items()}
    )


def places(settings: VeadotubeSettings) -> dict[tuple[str, str], dict[str, VeadoAvatar]]:
    """Return address and instance → the avatars there."""
    found: dict[tuple[str, str], dict[str, VeadoAvatar]] = {}
    for who, avatar in settings.avatars.items():
        found.setdefault((avatar.address, avatar.instance), {})[who] = avatar
    return found


def _placed(avatar: VeadoAvatar, settings: VeadotubeSettings) -> VeadoAvatar:
    if avatar.address or avatar.instance:
        return avatar
    return msgspec.structs.replace(avatar, address=settings.address, instance=settings.instance)


def _finder(address: str, instance: str) -> Callable[[], str]:
    def find() -> str:
        return address or instances.choose(instances.running(Path.home() / instances.FOLDER, time.time()), instance)

    return find


class AvatarVoices(VoiceListener):
    """What the avatars are to do, by what partyline tells."""

    def __init__(self, settings: VeadotubeSettings) -> None:
        super().__init__()
        self._follow_levels = any(avatar.number for avatar in settings.avatars.values())
        self._wishes = AvatarWishes(settings.avatars, settings.hold_ms / 1000)
        self._heard = asyncio.Event()
        self._tell: list[Callable[[], None]] = []

    def tell(self, look: Callable[[], None]) -> None:
        """Call `look` whenever the wishes are others."""
        self._tell.append(look)

    def wishes(self) -> Mapping[str, AvatarWish]:
        return self._wishes.at(_now(), self.voices)

    def hear(self) -> None:
        self._wishes.hear(_now(), self.voices)
        self._heard.set()

    def needs_levels(self) -> bool:
        return self._follow_levels

    async def run(self) -> None:
        """Tell when something was heard, and when a hold is over, until cancelled."""
        while True:
            self._heard.clear()
            for look in self._tell:
                look()
            due = self._wishes.due(_now())
            try:
                async with asyncio.timeout(None if due is None else due - _now()):
                    await self._heard.wait()
            except TimeoutError:
                continue


def _now() -> float:
    return asyncio.get_running_loop().time()
