"""What becomes of the stream's delay after stalls, in made-up time: how long until it is given back.

    python -m benchmarks.obs.stalls

A recorded voice without a pause, and the noise of a party, go through the buffer of `/obs-stream`. The sender stops at
10 s, and what it would have sent comes at once afterwards, as when this machine stalls. Each row tells how much later
the sound is 1 s after the stall, when it is within 15 ms of before, how much speech was shortened in all, and the
sharpest corner that was made, against the sharpest one of the sound itself. The voice is of Debian's
pocketsphinx-testdata.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from common.messages import SAMPLE_RATE
from tests.workers.audio.heard.test_real_voices import voice as recorded
from workers.dashboard.listen.audio_sources import Batch
from workers.dashboard.listen.paced_buffer import PacedBuffer

PACKET = SAMPLE_RATE // 50
STALLS_MS = ((100,), (150,), (250,), (150, 150, 150), (1200,))
"""One after the other, 2 s apart."""
BEGIN_S, GAP_S, END_S = 10.0, 2.0, 90.0
BACK_MS = 15.0


def voice() -> NDArray[np.int16]:
    """Return a minute and a half of somebody who never pauses."""
    said = recorded("a reader")
    sound = np.rint(said / np.abs(said).max() * 20_000).astype(np.int16)
    sound = sound[: len(sound) // 4800 * 4800]
    loud = sound[np.repeat(np.abs(sound.reshape(-1, 4800)).max(axis=1) > 600, 4800)]  # without its pauses
    return np.tile(loud, 1 + round(END_S) * SAMPLE_RATE // len(loud))[: round(END_S) * SAMPLE_RATE]


def played(sound: NDArray[np.int16], stalls_ms: tuple[int, ...]) -> tuple[PacedBuffer, list[float], float]:
    """Return the buffer, the delay before each packet in ms, and the sharpest corner of what was heard."""
    buffer, sent, fills, heard = PacedBuffer(), 0, [], []
    begins = [BEGIN_S + number * GAP_S for number in range(len(stalls_ms))]
    for number in range(round(END_S * 50)):
        now = number / 50
        stopped = any(begin <= now < begin + ms / 1000 for begin, ms in zip(begins, stalls_ms, strict=True))
        while not stopped and sent / SAMPLE_RATE <= now and sent + PACKET <= len(sound):
            piece = sound[sent : sent + PACKET].astype("<i2")
            buffer.write(Batch(7, sent // 480, (piece[:480].tobytes(), piece[480:].tobytes())), 1.0)
            sent += PACKET
        fills.append(buffer.fill_ms)
        heard.append(buffer.read(PACKET)[0])
    corners = np.abs(np.diff(np.concatenate(heard[: round(END_S * 50) - 50]), 2))
    return buffer, fills, float(np.percentile(corners, 99.999))


def main() -> None:
    print("| sound | stalls, ms | 1 s later, ms | back after, s | taken out, ms | corner / its own |")
    print("|---|---|--:|--:|--:|--:|")
    speech = voice()
    noise = np.clip(np.random.default_rng(1).normal(0, 2000, len(speech)), -32768, 32767).astype(np.int16)
    mixed = np.clip(speech // 2 + np.roll(speech, 200_000) // 2, -32768, 32767).astype(np.int16)
    for (name, sound), stalls in itertools.product(
        (("one", speech), ("two at once", mixed), ("noise", noise)), STALLS_MS
    ):
        buffer, fills, corner = played(sound, stalls)
        own = float(np.percentile(np.abs(np.diff(sound / 32768, 2)), 99.999))
        usual = float(np.median(fills[250:500]))
        over = [fill - usual for fill in fills]
        ended = round((BEGIN_S + (len(stalls) - 1) * GAP_S + stalls[-1] / 1000) * 50)
        smooth = np.convolve(over, np.ones(25) / 25, "same")
        late = [index for index in range(ended, len(smooth) - 50) if smooth[index] > BACK_MS]
        back = (late[-1] + 1 - ended) / 50 if late else 0.0
        taken = getattr(buffer, "_shortening", None)
        print(
            f"| {name} | {', '.join(map(str, stalls))} | {smooth[ended + 50]:.0f} | {back:.1f} "
            f"| {taken.taken / 48 if taken else 0:.0f} | {corner / own:.2f} |"
        )


if __name__ == "__main__":
    main()
