"""`partyline integration streamerbot`: what happens in the party becomes triggers and actions of Streamer.bot."""

from __future__ import annotations

from common.api.frames import Subscribe
from integrations.catalogue import Around, CheckedPart
from integrations.client.api_client import ApiClient
from integrations.client.member_voices import WATCHED, VoiceListener
from integrations.client.together import together
from integrations.streamerbot import bot_requests
from integrations.streamerbot.bot_link import StreamerbotLink
from integrations.streamerbot.event_finder import EventFinder

TOPICS = (*WATCHED, "recording")


async def run(around: Around) -> None:
    """Send events until cancelled."""
    link = StreamerbotLink(around.settings.streamerbot)
    client = ApiClient(around.find, Subscribe(id=0, topics=TOPICS), PartyEvents(link))
    await together(client.run(), link.run())


async def check(around: Around, only: str = "") -> list[CheckedPart]:
    """Return in words what is sent where."""
    del only  # there is one
    settings = around.settings.streamerbot
    lines = [f"{bot_requests.url(settings)}, {'with' if settings.password else 'without'} a password."]
    lines += [f"{name}: trigger {bot_requests.trigger_of(name)}" for name in settings.triggers]
    lines += [f"{name}: action “{action}”" for name, action in settings.actions.items()]
    return [CheckedPart("", line) for line in lines]


class PartyEvents(VoiceListener):
    """Sends each event of the party."""

    def __init__(self, link: StreamerbotLink) -> None:
        super().__init__()
        self._link = link
        self._finder = EventFinder()

    def hear(self) -> None:
        if self.topics is None or self.voices is None:
            return  # what happened meanwhile is found when the connection is back
        for event in self._finder.find(self.topics, self.voices):
            self._link.send(event)

    def needs_levels(self) -> bool:
        return False
