"""Voices as Opus between two machines: one encoder and one decoder a talker, with concealment of what is missing.

`python -m benchmarks.machines.cable_opus` set the constants of the encoder. Restricted low delay costs half the time of
the speech modes and 2.5 ms of delay instead of 6.5. Frames of 10 ms add no waiting, and one message carries all
talkers.
"""

from __future__ import annotations

import fractions

import av
import numpy as np

from common.bus.peers.cable.voice_ticks import SilentTalkers, VoiceTick
from common.bus.voice.conceal import FADE_TO_SAMPLES, Concealer, merge
from common.bus.voice.opus import Decoder, Library
from common.messages import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE, AudioFrame

KBIT_S = 48
"""PESQ-WB 4.57 of 4.64, and 59 kbit/s with the variable bit rate. With 32 it is 4.35."""
COMPLEXITY = 10
"""The highest one costs 70 µs a frame, 15 µs more than 5."""
_OPTIONS = {"application": "lowdelay", "frame_duration": str(FRAME_MS), "compression_level": str(COMPLEXITY)}
_FORGET_TICKS = 3_000
"""A talker without sound for half a minute has no codec."""
_MOST_CONCEALED = FADE_TO_SAMPLES // FRAME_SAMPLES
"""Frames that are made up in a row. Concealment has faded out by then."""
_SILENCE = bytes(2 * FRAME_SAMPLES)
_FRAME_NS = FRAME_MS * 1_000_000


class _Encoder:
    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "w")
        assert isinstance(codec, av.AudioCodecContext)
        codec.sample_rate = SAMPLE_RATE
        codec.layout = "mono"
        codec.format = "s16"
        codec.bit_rate = 1000 * KBIT_S
        codec.options = dict(_OPTIONS)
        codec.time_base = fractions.Fraction(1, SAMPLE_RATE)
        codec.open()
        self._codec = codec
        self._samples = 0
        self.tick = 0
        self.has_tail = False
        """The last frame had sound, whose end the next packet brings."""

    def encode(self, samples: bytes) -> bytes:
        given = av.AudioFrame.from_ndarray(np.frombuffer(samples, "<i2")[np.newaxis], format="s16", layout="mono")
        given.sample_rate = SAMPLE_RATE
        given.pts = self._samples
        self._samples += FRAME_SAMPLES
        return b"".join(bytes(packet) for packet in self._codec.encode(given))


class VoiceEncoders:
    """All talkers of a plane. A silent frame costs nothing."""

    def __init__(self) -> None:
        self._talkers: dict[str, _Encoder] = {}

    def encode(self, frame: AudioFrame, samples: bytes) -> bytes:
        """Return the frame's packet, empty for silence."""
        encoder = self._talkers.get(frame.peer)
        if not samples and (encoder is None or not encoder.has_tail):
            return b""
        if encoder is None:
            self._forget(frame.tick)
            encoder = self._talkers[frame.peer] = _Encoder()
        encoder.tick, encoder.has_tail = frame.tick, bool(samples)
        return encoder.encode(samples or _SILENCE)

    def _forget(self, tick: int) -> None:
        for peer in [peer for peer, one in self._talkers.items() if abs(tick - one.tick) > _FORGET_TICKS]:
            del self._talkers[peer]


class _Talker:
    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self.concealer = Concealer(decoder)
        self.boot = ""
        self.tick = 0
        self.sounding = False

    def decode(self, packet: bytes, tick: int) -> tuple[bytes, bool]:
        """Return the samples of a packet, and whether they had to be made up."""
        seam = self.concealer.settle(tick * FRAME_SAMPLES)
        sound = self.decoder.decode(packet)
        if sound is None or len(sound) != FRAME_SAMPLES:
            return self.conceal(tick), True
        if seam is not None:
            sound = merge(seam, sound)
        return sound.astype("<i2").tobytes(), False

    def conceal(self, tick: int) -> bytes:
        return self.concealer.make(tick * FRAME_SAMPLES, FRAME_SAMPLES).astype("<i2").tobytes()


class VoiceDecoders:
    """All talkers of a plane: messages in, frames of the audio plane out."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._talkers: dict[str, _Talker] = {}
        self._silent = SilentTalkers()
        self.concealed = 0
        """Frames that were made up."""

    def decode(self, message: VoiceTick) -> list[tuple[AudioFrame, bytes]]:
        """Return the frames of a tick, after those that were lost before it."""
        found: list[tuple[AudioFrame, bytes]] = []
        for sound in message.sounds:
            talker = self._talker(sound.peer, message)
            tick_ns = message.tick_ns + sound.later_ns
            found += self._lost(sound.peer, talker, message, tick_ns)
            samples, made = talker.decode(sound.packet, message.tick) if sound.packet else (b"", False)
            self.concealed += made
            talker.tick, talker.sounding = message.tick, sound.sounding
            frame = AudioFrame(
                peer=sound.peer,
                boot=message.boot,
                tick=message.tick,
                tick_ns=tick_ns,
                arrived_ns=sound.arrived_ns,
                concealed=sound.concealed or made,
                sounding=sound.sounding,
            )
            found.append((frame, samples))
        for peer in self._silent.of(message):
            if (known := self._talkers.get(peer)) is not None:
                known.tick, known.sounding = message.tick, False
            found.append((_silent(peer, message), b""))
        self._forget(message.tick)
        return found

    def _talker(self, peer: str, message: VoiceTick) -> _Talker:
        talker = self._talkers.get(peer)
        if talker is None or talker.boot != message.boot:
            talker = self._talkers[peer] = _Talker(self._library.decoder())
            talker.boot, talker.tick = message.boot, message.tick - 1
        return talker

    def _lost(self, peer: str, talker: _Talker, message: VoiceTick, tick_ns: int) -> list[tuple[AudioFrame, bytes]]:
        """Return made up frames for those that are missing before this one, unless the hole is too long."""
        missing = message.tick - talker.tick - 1
        if not talker.sounding or not 0 < missing <= _MOST_CONCEALED:
            return []
        self.concealed += missing
        return [
            (
                AudioFrame(
                    peer=peer,
                    boot=message.boot,
                    tick=tick,
                    tick_ns=tick_ns - (message.tick - tick) * _FRAME_NS,
                    concealed=True,
                    sounding=True,
                ),
                talker.conceal(tick),
            )
            for tick in range(talker.tick + 1, message.tick)
        ]

    def _forget(self, tick: int) -> None:
        if tick % _FORGET_TICKS == 0:
            for peer in [peer for peer, one in self._talkers.items() if abs(tick - one.tick) > _FORGET_TICKS]:
                del self._talkers[peer]


def _silent(peer: str, message: VoiceTick) -> AudioFrame:
    return AudioFrame(peer=peer, boot=message.boot, tick=message.tick, tick_ns=message.tick_ns)
