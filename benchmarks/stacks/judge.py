"""Verdict on one cell: heard, explained, cannot, or a defect. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.stacks.conditions import Condition
from benchmarks.stacks.sound import RATE
from tests.support.correlate import best_match

Verdict = Literal["heard", "explained", "cannot", "defect"]
WINDOW = RATE // 2
ALIKE = 0.9
QUIET = 300
"""A window whose peak is below this counts as silence."""
ENOUGH = 2
"""Half seconds that must be found in the speech."""
_COARSE = 3
"""Correlation uses a third of the rate, since the speech was recorded at 16 kHz."""


@dataclass(frozen=True)
class Seen:
    """What came in on the connection, to verify that the condition applied."""

    packets: int = 0
    formats: Mapping[str, int] = field(default_factory=dict)
    """Packets by ``opus``, ``red``, ``cn``, ``other``."""
    steps_ms: Mapping[int, int] = field(default_factory=dict)
    """Timestamp step in milliseconds → how often it occurred."""
    stereo: int = 0
    """Opus packets with the stereo flag."""
    certificate: str = ""
    role: str = ""
    """Our DTLS role."""
    lite: bool = False
    families: tuple[str, ...] = ()
    """Of the console's candidates."""


@dataclass(frozen=True)
class Observed:
    """Observations of one cell. Seconds count from the first description."""

    cannot: str = ""
    connected_s: float | None = None
    voice_s: float | None = None
    matched: int = 0
    """Half seconds found in the speech."""
    tries: int = 0
    """Connections begun."""
    gap_s: float | None = None
    """The longest time without a packet after the event in mid-speech."""
    reports: int | None = None
    """Our receiver reports that the console got. None if not asked."""
    lost: int = 0
    """Packets lost, by the latest of these reports."""
    sent_to: int = 0
    """Our RTP packets that the console got."""
    sentence: str = ""
    """The product's explanation."""
    fault: str = ""
    """The error of the console or of the talker."""
    continued: bool = False
    """Whether the DTLS association continued after an ICE restart."""
    seen: Seen = field(default_factory=Seen)


@dataclass(frozen=True)
class Cell:
    stack: str
    condition: str
    verdict: Verdict
    words: str
    observed: Observed

    def row(self) -> dict[str, Any]:
        return asdict(self)


def was_spoken(window: NDArray[np.int16], speech: NDArray[np.int16]) -> bool:
    """Return whether a piece of sound is a piece of the speech, which repeats."""
    if np.abs(window).max(initial=0) < QUIET:
        return False
    loop = np.concatenate([speech, speech[: len(window)]]).astype(np.float32)[::_COARSE]
    return best_match(loop, window.astype(np.float32)[::_COARSE], RATE // _COARSE).correlation >= ALIKE


GAP_S = 1.0
"""Longest gap on the wire that an ICE restart or a moved console may cost."""


def judge(stack: str, condition: Condition, observed: Observed) -> Cell:
    """Return the cell of `condition` with `stack`."""

    def cell(verdict: Verdict, words: str) -> Cell:
        return Cell(stack, condition.name, verdict, words, observed)

    if observed.cannot:
        return cell("cannot", observed.cannot)
    if observed.matched >= ENOUGH:
        if condition.must_fail:
            return cell("defect", "heard, though it must not be")
        wrong = unlike(condition, observed) or short(condition, observed)
        return cell("defect", wrong) if wrong else cell("heard", _times(observed))
    if observed.connected_s is None and observed.sentence:
        return cell("explained", observed.sentence)
    words = observed.fault or observed.sentence or "no voice, and no word about it"
    return cell("defect", words)


def leaves_pauses(condition: Condition, seen: Seen) -> bool:
    """Return whether a step between two packets was longer than packets are."""
    return any(step > 2 * condition.ptime for step in seen.steps_ms)


def unlike(condition: Condition, observed: Observed) -> str:
    """Return how the connection differed from the condition. Empty if it did not."""
    seen = observed.seen
    kinds = {"ecdsa-p256": "ECDSA secp256r1", "ecdsa-p384": "ECDSA secp384r1", "rsa-2048": "RSA 2048"}
    steps = {step: times for step, times in seen.steps_ms.items() if step}  # libwebrtc pads with its last timestamp
    main = max(steps, key=lambda step: steps[step], default=0)
    ours = {"active": "server", "passive": "client"}.get(condition.setup, seen.role)
    cases = [
        (seen.certificate != kinds[condition.certificate], f"its certificate was {seen.certificate or 'not seen'}"),
        (seen.role != ours, f"we were the DTLS {seen.role}"),
        (condition.lite and not seen.lite, "it was no ICE-lite"),
        (condition.candidates == "ipv6" and seen.families != ("IPv6",), f"candidates: {', '.join(seen.families)}"),
        (main != condition.ptime, f"packets of {main} ms"),
        (condition.stereo and not seen.stereo, "no packet was stereo"),
        (condition.red and not seen.formats.get("red"), "no packet was RED"),
        (condition.dtx and not leaves_pauses(condition, seen), "no pause was left out"),
    ]
    return next((f"heard, but not as the condition says: {words}" for wrong, words in cases if wrong), "")


def short(condition: Condition, observed: Observed) -> str:
    """Return what is wrong with a cell that is heard. Empty if nothing is."""
    cases = [
        (observed.connected_s is None or observed.voice_s is None, "heard, but it is not called connected"),
        (condition.extra in ("restart", "moved") and (observed.gap_s or 0.0) > GAP_S, f"a gap of {observed.gap_s} s"),
        (condition.reports and not observed.reports, "heard, but the console gets no receiver reports"),
        (condition.reports and observed.lost > 0, f"our receiver reports say {observed.lost} lost"),
        (not observed.sent_to, "heard, but the console gets no packet of ours"),
    ]
    return next((words for wrong, words in cases if wrong), "")


def _times(observed: Observed) -> str:
    words = f"{observed.connected_s:.2f} / {observed.voice_s:.2f} s"
    words += f", gap {observed.gap_s:.2f} s" if observed.gap_s is not None else ""
    return words + (f", {observed.tries} tries" if observed.tries > 1 else "")
