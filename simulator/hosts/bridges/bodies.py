"""Bodies of calls about bridges, as strict as the real ones are believed to be."""

from __future__ import annotations

from typing import Literal

import msgspec


class Opus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bitrate: int
    channels: Literal[1]
    codec: Literal["CELT", "SILK"]
    ptime: Literal[40]
    samplingRates: list[Literal[16000]]  # noqa: N815  # Sony's spelling


class AudioBody(msgspec.Struct, frozen=True):
    isRequired: Literal[True]  # noqa: N815
    opus: list[Opus]


class Application(msgspec.Struct, frozen=True):
    isRequired: Literal[True]  # noqa: N815


class MediaTypes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    application: Application
    audio: AudioBody


class MediaBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mediaTypes: MediaTypes  # noqa: N815


class SdpBody(msgspec.Struct, frozen=True):
    sdp: str


class AnswerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    answer: SdpBody


class BridgeEntry(msgspec.Struct, frozen=True):
    bridgeId: str  # noqa: N815
    bridgeToken: str  # noqa: N815


class LinkBody(msgspec.Struct, frozen=True):
    bridges: list[BridgeEntry]
