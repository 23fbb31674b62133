"""A talker's receive path outlives a switch of connections, and not their end."""

from __future__ import annotations

from typing import Any

from tests.workers.media.peers.services import FakeServices
from tests.workers.media.receive.playing import library
from tests.workers.media.voice import PAYLOAD_TYPE, rtp
from workers.media.receive.path import ReceivePath
from workers.media.talkers.talker_voice import TalkerVoice

PACKET = rtp(1, 0, b"\x50" + bytes(30))


class FakePeer:
    def __init__(self, codec: str) -> None:
        self.codec = codec
        self.formats = {PAYLOAD_TYPE: "opus"}


class Services(FakeServices):
    def new_path(self) -> ReceivePath:
        return ReceivePath(library().decoder())


def peer(codec: str = "opus/16000") -> Any:
    return FakePeer(codec)


def test_without_a_connection_packets_are_dropped() -> None:
    voice = TalkerVoice("1.PS5", Services())
    voice.on_rtp(PACKET, 1)
    voice.renew()
    assert (voice.path, voice.receives, voice.figures(), voice.rtp_clock) == (None, False, None, 0)


def test_another_connection_goes_on_with_the_same_path() -> None:
    voice = TalkerVoice("1.PS5", Services())
    voice.on_played(peer())
    voice.on_rtp(PACKET, 1)
    before = voice.path
    voice.on_played(peer("opus/48000"))
    assert (voice.path is before, voice.receives, voice.codec) == (True, True, "opus/48000")
    voice.clear()
    assert (voice.receives, voice.codec) == (False, "")


def test_a_renewed_path_knows_the_formats_of_the_connection() -> None:
    voice = TalkerVoice("1.PS5", Services())
    voice.on_played(peer())
    before = voice.path
    voice.renew()
    assert voice.path is not before
    voice.on_rtp(PACKET, 1)
    assert voice.receives


def test_unusable_packets_of_all_stages_are_counted() -> None:
    voice = TalkerVoice("1.PS5", Services())
    voice.on_played(peer())
    voice.on_fault("RTP: too short")
    voice.on_rtp(rtp(1, 0, b"\x53\x00"), 1)  # an Opus packet without frames
    figures = voice.figures()
    assert figures is not None
    assert (voice.malformed, figures["malformed"]) == (2, 2)
