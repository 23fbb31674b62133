"""What OBS's meters showed of the test tone. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from common.messages import ObsRemark, ObsSource
from common.obs.connection import SILENCE_DB
from common.obs.judge.remarks import HEARD_DB
from common.requests import ObsTestResult

TONE_DB = -20.0
CLOSE_DB = 12.0
"""How far another source's level may be from the tone's to count as it. A fader may have changed it."""
PAGE = "In its properties in OBS, press “Refresh cache of current page”."
REMEDIES = {
    "stream": "It may have been connecting: run the test again. If it stays silent, press its play button in OBS.",
    "device": "In its properties in OBS, check the device that it captures.",
}
"""What to do about a source that got nothing, by what it carries. All others are pages."""
ARRIVES_S = 2.5
"""How long after its end the tone may still arrive. The video delay is up to 2 s."""


def judge(
    sources: Sequence[ObsSource], own: Sequence[str], before: Mapping[str, float], during: Mapping[str, float]
) -> ObsTestResult:
    """Return the verdict.

    `sources`: ours as they stand. `own`: names of the user's unmuted ones. `before` and `during`: source → peak in dBFS
    without and with the tone.
    """
    voices = [one for one in sources if one.carries != "overlay" and one.present]
    tested = [_tested(one, during.get(one.name, SILENCE_DB)) for one in voices]
    silent = [one for one in tested if one.peak_db < HEARD_DB]
    also = tuple(
        name
        for name in own
        if before.get(name, SILENCE_DB) < HEARD_DB and abs(during.get(name, SILENCE_DB) - TONE_DB) <= CLOSE_DB
    )
    message, remedy = _verdict(tested, silent)
    return ObsTestResult(
        heard=bool(tested) and not silent, message=message, remedy=remedy, sources=tuple(tested), also_heard_in=also
    )


def _tested(source: ObsSource, peak_db: float) -> ObsSource:
    changed = msgspec.structs.replace(source, peak_db=round(peak_db, 1))
    if peak_db >= HEARD_DB:
        return msgspec.structs.replace(changed, remarks=tuple(one for one in source.remarks if not _is_silence(one)))
    remarks = tuple(one for one in source.remarks if one.code != "nobody-spoke")  # the tone is heard without them
    if remarks:
        return msgspec.structs.replace(changed, remarks=remarks)
    unexplained = ObsRemark(
        code="unexplained",
        message="got nothing of the test tone",
        remedy=REMEDIES.get(source.carries, PAGE),
    )
    return msgspec.structs.replace(changed, remarks=(unexplained,))


def _is_silence(remark: ObsRemark) -> bool:
    return remark.code in ("nobody-spoke", "silent", "unexplained", "permission", "talker-muted", "not-loaded")


def _verdict(tested: Sequence[ObsSource], silent: Sequence[ObsSource]) -> tuple[str, str]:
    if not tested:
        return "OBS has no source with voices.", "Run `partyline obs setup`."
    if not silent:
        names = " and ".join(f"{one.name} ({one.peak_db:.0f} dBFS)" for one in tested)
        return f"OBS heard the test tone in {names}.", ""
    first = silent[0]
    words = first.remarks[0]
    return (
        f"OBS did not hear the test tone: {first.name} {words.message}.",
        words.remedy or "See `partyline obs status`.",
    )
