"""All consoles on one clock: who speaks, a packet every 40 ms, and a record of what was spoken."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable

import msgspec
import structlog

from simulator.consoles import voices
from simulator.consoles.console import Console
from simulator.consoles.turns import Turns

PACKET_NS = voices.PACKET_MS * 1_000_000
_LATEST_NS = 1_000_000_000
"""Above this delay (a suspended machine) the clock restarts instead of catching up."""
_NOTED_NS = 100_000_000
"""A delay above this is logged, as listeners hear a gap that is the simulator's."""
_LATE_NS = 20_000_000
"""A delay above this is recorded, to distinguish the simulator's gaps from the network's."""
_TAIL_PACKETS = 5
"""Packets of silence before a pause."""
_REMEMBERED = 2000


class Utterance(msgspec.Struct, kw_only=True):
    """One voice file as a console spoke it, to find it in a recording."""

    peer: str
    voice: str
    """Name for `simulator.consoles.voices.load`."""
    first_sample_ns: int
    """Monotonic nanoseconds at which the first sample entered the encoder's input, one packet before it was sent."""
    encoded_ns: int
    """Monotonic nanoseconds at which the packet with the first sample was encoded and sent."""
    samples: int
    """Samples spoken, fewer than in the file if it was cut off."""
    rate: int = voices.RATE


class Scheduler:
    def __init__(self, consoles: list[Console], *, pause: bool = False) -> None:
        """With `pause` consoles send nothing in a silence, as with DTX, instead of packets of silence."""
        self.consoles = {console.device.peer: console for console in consoles}
        self.spoken: deque[Utterance] = deque(maxlen=_REMEMBERED)
        self.muted = False
        self.all_speak = False
        """Every console with a listener speaks all the time, instead of taking turns."""
        self._pause = pause
        self.latest_ms = 0.0
        """The longest delay of the clock so far."""
        self.late: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)
        """Delays of the clock as (monotonic seconds, ms)."""
        repertoire = {console.device.peer: voices.of_speaker(console.speaker) for console in consoles}
        self._turns = Turns(repertoire, _seconds)
        self._waiting: dict[str, str] = {}
        self._next_voice: dict[str, int] = {}
        self._log = structlog.get_logger("simulator")

    def add(self, console: Console) -> None:
        """Add a console. The other phases within the 40 ms move with the next round."""
        self.consoles[console.device.peer] = console
        self._turns.add(console.device.peer, voices.of_speaker(console.speaker))

    def say(self, peer: str, voice: str) -> None:
        """Let a console speak one file now, cutting off the current one."""
        self._cut(peer)
        self._waiting[peer] = voice

    def mute_all(self, on: bool) -> None:
        """Stop all speech at once, or let it continue."""
        self.muted = on
        if on:
            self._waiting.clear()
            for peer in self.consoles:
                self._cut(peer)

    async def run(self) -> None:
        """Send packets until cancelled. Each console has its own phase within the 40 ms."""
        if not self.consoles:
            return
        await asyncio.to_thread(_load, list(self.consoles.values()))  # a console may join meanwhile
        order: list[Console] = []
        due = time.monotonic_ns()
        number = before = 0
        while True:
            if number == len(order):
                order, number = list(self.consoles.values()), 0
            await asyncio.sleep(max(0.0, (due - time.monotonic_ns()) / 1e9))
            late = time.monotonic_ns() - due
            self.latest_ms = max(self.latest_ms, late / 1e6)
            if late > _LATE_NS:
                self.late.append((time.monotonic(), late / 1e6))
            if late > _NOTED_NS > before:
                self._log.warning("the consoles' clock was late", late_ms=late // 1_000_000)
            if late > _LATEST_NS:
                due = time.monotonic_ns()
            if number == 0:
                self._next_turn()
            self._tick(order[number])
            number += 1
            due += PACKET_NS // len(order)
            before = late

    def _next_turn(self) -> None:
        heard = [peer for peer, console in self.consoles.items() if console.heard]
        if self.muted:
            heard = []
        if self.all_speak:
            self._let_all_speak(heard)
            return
        turn = self._turns.next(time.monotonic(), heard)
        if turn is not None:
            self._waiting[turn.talker] = turn.voice

    def _let_all_speak(self, heard: list[str]) -> None:
        for peer in heard:
            if not self.consoles[peer].microphone.speaking and peer not in self._waiting:
                repertoire = voices.of_speaker(self.consoles[peer].speaker)
                self._next_voice[peer] = self._next_voice.get(peer, -1) + 1
                self._waiting[peer] = repertoire[self._next_voice[peer] % len(repertoire)]

    def _tick(self, console: Console) -> None:
        peer, microphone = console.device.peer, console.microphone
        if not console.heard:
            microphone.skip()
            return
        voice = None if microphone.speaking else self._waiting.pop(peer, None)
        if self._pause and voice is None and microphone.quiet_packets >= _TAIL_PACKETS:
            microphone.skip()
            return
        if voice is not None:
            samples = voices.load(voice)
            microphone.speak(samples)
            now = time.monotonic_ns()
            utterance = Utterance(
                peer=peer, voice=voice, first_sample_ns=now - PACKET_NS, encoded_ns=now, samples=len(samples)
            )
            self.spoken.append(utterance)
        console.send(microphone.packet())

    def _cut(self, peer: str) -> None:
        console = self.consoles[peer]
        if console.microphone.speaking:
            rest = console.microphone.stop()
            last = next((u for u in reversed(self.spoken) if u.peer == peer), None)
            if last is not None:
                last.samples -= rest


def _seconds(voice: str) -> float:
    return len(voices.load(voice)) / voices.RATE


def _load(consoles: Iterable[Console]) -> None:
    """Decode every voice beforehand. During the run it would delay packets."""
    for console in consoles:
        for voice in voices.of_speaker(console.speaker):
            voices.load(voice)
