"""What is remarked on a source of ours: why it is silent, and what the user may not have intended. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from common.messages import ObsRemark
from common.obs.judge.party_view import LATELY_S, TalkerSound

HEARD_DB = -60.0
"""A peak below this counts as silence. It is under the noise of a quiet room's microphone."""
SET_UP_AGAIN = "Run `partyline obs setup` again."
MICROPHONE = (
    "In System Settings → Privacy & Security → Microphone, allow OBS. Then restart OBS. Without that permission it "
    "gets silence and no error. To capture the screen or an application, it needs Screen & System Audio Recording."
)
"""Refused permissions of OBS on a Mac. Not run on a Mac yet."""


@dataclass(frozen=True)
class Facts:
    """What is known of one source of ours."""

    is_voices: bool = True
    is_page: bool = True
    """Whether it has an address of ours."""
    is_stream: bool = False
    """Whether that is our stream, which a media source plays."""
    member: str = ""
    """Online id of the one member that it carries, or empty for all of them."""
    is_present: bool = True
    """Whether that member is in the party."""
    scenes: tuple[str, ...] = ()
    is_active: bool = True
    """Whether it is on air: shown in the scene on air."""
    muted: bool = False
    volume_db: float = 0.0
    monitored: bool = False
    peak_db: float = -120.0
    is_outdated: bool = False
    """Whether its page has an old address or key."""
    is_rerouted: bool = True
    """Whether OBS takes the page's sound (“Control audio via OBS”)."""
    is_loaded: bool | None = None
    """Whether its page listens, or None if that is unknown."""
    heard: TalkerSound | None = None
    """How the voice is heard in partyline, or None if that is unknown."""
    on_mac: bool = False


def of_source(facts: Facts) -> tuple[ObsRemark, ...]:
    """Return the remarks. Of several reasons for silence only the first one that explains it is told."""
    found = []
    if facts.monitored:
        found.append(
            ObsRemark(
                code="monitored",
                message="is monitored, so you may hear everybody twice",
                remedy="In OBS's Advanced Audio Properties, set its Audio Monitoring to Monitor Off.",
            )
        )
    if not facts.is_present:
        return (*found, ObsRemark(code="absent", message=f"is hidden, since {facts.member} is not in the party"))
    reason = _of_page(facts) or _in_obs(facts)
    if reason is None and facts.is_voices and facts.peak_db < HEARD_DB:
        reason = _of_silence(facts)
    return (*found, *([reason] if reason else []))


def _in_obs(facts: Facts) -> ObsRemark | None:
    """Return what is set in OBS so that it cannot be heard."""
    if not facts.scenes:
        return ObsRemark(
            code="no-scene",
            message="is in no scene",
            remedy="Add it to a scene in OBS (Sources → + → its kind → its name).",
        )
    if facts.is_voices and facts.muted:
        return ObsRemark(code="muted", message="is muted in OBS", remedy="Unmute it in OBS's Audio Mixer.")
    if facts.is_voices and facts.volume_db < HEARD_DB:
        return ObsRemark(
            code="volume-down", message="is turned down in OBS", remedy="Raise its fader in OBS's Audio Mixer."
        )
    if not facts.is_active:
        return ObsRemark(
            code="not-on-air",
            message=f"is not shown on air, so it is not on the stream. It is in {', '.join(facts.scenes)}",
            remedy="Switch to such a scene, or show it in this one.",
        )
    return None


def _of_page(facts: Facts) -> ObsRemark | None:
    if not facts.is_page:
        return None
    if facts.is_outdated:
        return ObsRemark(code="old-address", message="shows an old address", remedy=SET_UP_AGAIN)
    if facts.is_voices and not facts.is_rerouted:
        return ObsRemark(
            code="not-rerouted",
            message="sounds on this computer, but not in OBS",
            remedy="In its properties in OBS, tick “Control audio via OBS”.",
        )
    return None


def _of_silence(facts: Facts) -> ObsRemark | None:
    whom = facts.member or "everybody in the party"
    heard = facts.heard
    if facts.is_page and facts.is_loaded is False:
        return ObsRemark(
            code="not-loaded",
            message=f"has not loaded its {'stream' if facts.is_stream else 'page'}, so it is silent",
            remedy=f"{_load_again(facts)} See also `partyline status`.",
        )
    if heard is None:
        unknown = "carries no sound now"
        return ObsRemark(code="silent", message=unknown, remedy=MICROPHONE if _needs_permission(facts) else "")
    if heard.muted:
        return ObsRemark(
            code="talker-muted", message=f"is silent, since {whom} is muted in partyline", remedy="Unmute them there."
        )
    if heard.quiet_s is None or heard.quiet_s > LATELY_S:
        return ObsRemark(code="nobody-spoke", message="is silent, since nobody speaks now")
    if _needs_permission(facts):
        return ObsRemark(code="permission", message="is silent although somebody speaks", remedy=MICROPHONE)
    return ObsRemark(
        code="unexplained",
        message="is silent although somebody speaks",
        remedy=_load_again(facts)
        if facts.is_page
        else "Check in its properties in OBS that it captures the device on which partyline plays.",
    )


def _load_again(facts: Facts) -> str:
    if facts.is_stream:
        return "In OBS, select it and press Restart in its media controls."
    return "In its properties in OBS, press “Refresh cache of current page”."


def _needs_permission(facts: Facts) -> bool:
    return facts.on_mac and not facts.is_page
