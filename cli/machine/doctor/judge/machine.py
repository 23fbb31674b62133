"""Judgements about the Mac or PC itself."""

from __future__ import annotations

from cli.machine.doctor.check import CheckEvidence, CheckVerdict

OLDEST_MAC = 14
"""Below it PyAV has no ready-made package (constraints.txt)."""
FILES = 1024
"""What supervisord asks for (`minfds`, its default). A worker used 98 with a full party."""
MEMORY_MB = 600
"""All processes take 439 MB (README, Figures), and the system needs some to spare."""
PLACE_PERMISSIONS = "System Settings → Privacy & Security"


class System(CheckEvidence, frozen=True, kw_only=True):
    name: str
    """``macOS``, or the name of the kernel."""
    version: str


def system(found: System) -> CheckVerdict:
    if found.name != "macOS":
        return CheckVerdict("ok", f"{found.name} {found.version}.")
    major = found.version.split(".", 1)[0]
    if not major.isdecimal():
        return CheckVerdict("cannot tell", "The version of macOS is not known.", "See Apple menu → About This Mac.")
    if int(major) < OLDEST_MAC:
        return CheckVerdict(
            "error",
            f"macOS {found.version} is too old: partyline needs macOS {OLDEST_MAC} or later.",
            "Update macOS in System Settings → General → Software Update, or use another Mac.",
        )
    return CheckVerdict("ok", f"macOS {found.version}.")


class Architecture(CheckEvidence, frozen=True, kw_only=True):
    python: str
    """Architecture that Python runs as."""
    apple_silicon: bool | None = None
    """None where it is not a Mac."""
    translated: bool = False
    """Whether Rosetta translates this process (`sysctl.proc_translated`)."""


def architecture(found: Architecture) -> CheckVerdict:
    if found.python.lower() not in ("arm64", "aarch64", "x86_64", "amd64"):
        return CheckVerdict(
            "warning",
            f"This processor ({found.python}) has no ready-made packages.",
            "Use a machine with arm64 or x86_64.",
        )
    return CheckVerdict("ok", f"{found.python}.")


def rosetta(found: Architecture) -> CheckVerdict:
    if found.translated or (found.apple_silicon and found.python == "x86_64"):
        return CheckVerdict(
            "warning",
            "Rosetta translates this Python from Intel code, which takes about twice the time.",
            "Open Terminal without “Open using Rosetta” (Finder → Get Info), install a Python for Apple Silicon, "
            "delete `.venv`, and run `make setup`.",
        )
    return CheckVerdict("ok", "No translation by Rosetta.")


class Limits(CheckEvidence, frozen=True, kw_only=True):
    files_soft: int
    """-1 means no limit."""
    files_hard: int
    memory_mb: int = -1
    """Limit of a process's address space, -1 without one."""


def limits(found: Limits) -> CheckVerdict:
    if 0 <= found.files_hard < FILES:
        return CheckVerdict(
            "error",
            f"A process may open {found.files_hard} files. supervisord needs {FILES}, and does not start.",
            f"Raise the hard limit: `ulimit -Hn` in the shell's profile, or `sudo launchctl limit maxfiles {FILES} "
            "unlimited`.",
        )
    if 0 <= found.memory_mb < MEMORY_MB:
        return CheckVerdict(
            "warning",
            f"A process may use {found.memory_mb} MB of addresses only, so workers may fail to start.",
            "Take the limit away: `ulimit -v unlimited`.",
        )
    return CheckVerdict("ok", f"{_unlimited(found.files_hard)} open files for a process.")


def _unlimited(count: int) -> str:
    return "Any number of" if count < 0 else f"Up to {count}"


class FreeMemory(CheckEvidence, frozen=True, kw_only=True):
    total_mb: int
    available_mb: int


def memory(found: FreeMemory) -> CheckVerdict:
    if found.available_mb < MEMORY_MB:
        return CheckVerdict(
            "warning",
            f"Only {found.available_mb} MB of memory are free. partyline takes about 440 MB.",
            "Close programs that use much memory.",
        )
    return CheckVerdict("ok", f"{found.available_mb} of {found.total_mb} MB of memory are available.")


class Power(CheckEvidence, frozen=True, kw_only=True):
    settings: dict[str, str]
    """What `pmset -g` says is in force now."""
    holders: dict[str, tuple[str, ...]]
    """Assertion that prevents idle sleep → the programs that hold it."""
    workers_running: bool
    read: bool = True


_WHERE_SLEEP = "See System Settings → Energy (or Battery → Options)."


def sleep(found: Power) -> CheckVerdict:
    if not found.read:
        return CheckVerdict("cannot tell", "`pmset -g` says nothing about sleep.", _WHERE_SLEEP)
    minutes = found.settings.get("sleep", "").partition(" ")[0]
    if minutes == "0":
        return CheckVerdict("ok", "This Mac does not fall asleep by itself.")
    if not minutes.isdecimal():
        return CheckVerdict("cannot tell", "`pmset -g` does not name the time until sleep.", _WHERE_SLEEP)
    return CheckVerdict(
        "note",
        f"This Mac may fall asleep after {minutes} min without use, which ends the sound and later the party.",
        "On a Mac for partyline alone: `sudo pmset -a sleep 0`.",
    )


def kept_awake(found: Power) -> CheckVerdict:
    holders = sorted({name for names in found.holders.values() for name in names})
    if holders:
        return CheckVerdict("ok", f"Kept awake now by {', '.join(holders)}.")
    minutes = found.settings.get("sleep", "").partition(" ")[0]
    if found.workers_running and minutes not in ("", "0"):
        return CheckVerdict(
            "note",
            "partyline runs, and nothing keeps this Mac awake now. That is intended only while there is no party.",
            "In a party, keep it awake with `caffeinate -i` in another Terminal window, and report it.",
        )
    return CheckVerdict("ok", "Nothing keeps this Mac awake now.")


def low_power(found: Power) -> CheckVerdict:
    if found.settings.get("lowpowermode", found.settings.get("powermode", "0")).partition(" ")[0] == "1":
        return CheckVerdict(
            "note",
            "Low Power Mode is on. It slows the processor, so sound may come late.",
            "Switch it off in System Settings → Battery while in a party.",
        )
    return CheckVerdict("ok", "Low Power Mode is off.")


class Firewall(CheckEvidence, frozen=True, kw_only=True):
    state: int | None
    """0 off, 1 on, 2 blocks all incoming connections. None if it could not be read."""
    stealth: bool = False


def firewall(found: Firewall) -> CheckVerdict:
    if found.state is None:
        return CheckVerdict(
            "cannot tell", "The firewall's state cannot be read.", "See System Settings → Network → Firewall."
        )
    if found.state == 2:
        return CheckVerdict(
            "warning",
            "The firewall blocks all incoming connections, so some members may not be reached.",
            "System Settings → Network → Firewall → Options: switch off “Block all incoming connections”.",
        )
    if found.state == 1:
        return CheckVerdict(
            "note",
            "The firewall is on. macOS may ask whether `python` may accept connections.",
            "Press Allow. After an update of Python it asks again.",
        )
    return CheckVerdict("ok", "The firewall is off.")
