"""Judgements about OBS, and about macOS' permissions for it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cli.machine.doctor.check import CheckEvidence, CheckVerdict
from cli.machine.doctor.judge.machine import PLACE_PERMISSIONS


class Obs(CheckEvidence, frozen=True, kw_only=True):
    installed: bool = False
    version: str = ""
    running: bool = False
    elsewhere: bool = False
    """Whether `[obs] host` or `port` says where it is."""
    connected: bool = False
    """Whether its WebSocket server accepted us."""
    fault: str = ""
    remedy: str = ""


def obs(found: Obs) -> CheckVerdict:
    if found.elsewhere:
        return CheckVerdict("ok", "OBS is elsewhere, as `[obs]` says.")
    if not found.installed:
        return CheckVerdict(
            "note", "OBS was not found on this machine.", "Install it from obsproject.com, if you stream."
        )
    state = "running" if found.running else "not running"
    return CheckVerdict(
        "ok", f"OBS {found.version or '(version unknown)'} is installed and {state}.".replace("  ", " ")
    )


def websocket(found: Obs) -> CheckVerdict:
    if found.connected:
        return CheckVerdict("ok", f"OBS's WebSocket server answers (OBS {found.version}).")
    if not found.running and not found.elsewhere:
        return CheckVerdict("ok", "OBS is not running, so its WebSocket server was not asked.")
    if not found.fault:
        return CheckVerdict("ok", "OBS is on another machine, which was not asked.")
    return CheckVerdict("warning", found.fault, found.remedy)


class Permissions(CheckEvidence, frozen=True, kw_only=True):
    obs_installed: bool = False
    by_device: bool = False
    """Whether the sound goes to OBS by a virtual device."""
    microphone: int | None = None
    """What macOS' table says for OBS: 0 denied, 2 allowed, None if it cannot be read or was never asked."""
    screen: int | None = None


_DENIED, _ALLOWED = 0, 2


def microphone(found: Permissions) -> CheckVerdict:
    if not (found.obs_installed and found.by_device):
        return CheckVerdict("ok", "Not needed: partyline uses no microphone, and OBS gets the sound without a device.")
    return _judged(found.microphone, "Microphone", "hear a virtual device such as BlackHole")


def screen_audio(found: Permissions) -> CheckVerdict:
    if not found.obs_installed:
        return CheckVerdict("ok", "Not needed: OBS is not installed.")
    return _judged(found.screen, "Screen & System Audio Recording", "capture the screen or an application's sound")


def _judged(value: int | None, name: str, what: str) -> CheckVerdict:
    place = f"{PLACE_PERMISSIONS} → {name}"
    if value == _ALLOWED:
        return CheckVerdict("ok", f"OBS has the permission {name}.")
    if value == _DENIED:
        return CheckVerdict(
            "warning",
            f"OBS lacks the permission {name}, which it needs to {what}. It then gets silence, without an error.",
            f"{place}: switch on OBS, then restart OBS.",
        )
    return CheckVerdict(
        "cannot tell",
        f"macOS does not say whether OBS has the permission {name}. It needs that only to {what}.",
        f"Look in {place}.",
    )


class LoweredGame(CheckEvidence, frozen=True, kw_only=True):
    lowered: Mapping[str, float] = msgspec.field(default_factory=dict)
    """Source in OBS → dB by which our filter lowers it now."""
    in_care: bool = False
    """Whether the obs worker runs, which brings it back."""
    is_ours: bool = False
    """Whether a filter of ours may lower something."""
    fault: str = ""
    """Why OBS could not be asked."""


def game(found: LoweredGame) -> CheckVerdict:
    if not found.is_ours:
        return CheckVerdict("ok", "partyline lowers nothing in OBS.")
    if found.in_care:
        return CheckVerdict("ok", "The obs worker runs, and has the game's volume in OBS in its care.")
    if found.lowered:
        name, gain_db = next(iter(found.lowered.items()))
        return CheckVerdict(
            "warning",
            f"“{name}” is still {-gain_db:.0f} dB lower in OBS, since the pipeline was killed while somebody spoke.",
            "Run `partyline down` or `partyline up`. Each gives it its volume back.",
        )
    if found.fault:
        return CheckVerdict(
            "cannot tell",
            f"The game may still be lowered in OBS, which could not be asked: {found.fault}",
            "Start OBS, then run `partyline doctor` again.",
        )
    return CheckVerdict("ok", "Nothing is lowered in OBS.")
