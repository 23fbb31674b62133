"""systemd's unit, and what `systemctl show` prints. No I/O."""

from __future__ import annotations

import re
import signal

from cli.machine.service.manager import LastEnd, ServiceState
from cli.machine.service.spec import RESTART_S, STOP_LIMIT_S, Spec
from cli.shared.failures import UNFIT

PROPERTIES = ("LoadState", "ActiveState", "SubState", "MainPID", "ExecMainCode", "ExecMainStatus", "NRestarts",
              "ActiveEnterTimestamp")  # fmt: skip
_KILLED = frozenset({"2", "3"})
"""`ExecMainCode` of a process that a signal ended (CLD_KILLED, CLD_DUMPED)."""
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')


def render(spec: Spec) -> bytes:
    """Return the unit's text.

    Restart: 0 is an end that somebody wanted. `UNFIT` is a fault that only a person can mend, so trying again
    would change nothing. Anything else is tried for ever, since the disk or the network may come later than the boot.
    KillMode: the command stops its workers in order, and what is left of them afterwards is killed.
    """
    lines = [
        "[Unit]",
        "Description=partyline, the voices of a PlayStation Party",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart={' '.join(_quoted(word, command=True) for word in spec.program)}",
        f"WorkingDirectory={_percent(str(spec.home))}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in sorted(spec.environment.items())),
        "Restart=on-failure",
        f"RestartSec={RESTART_S}",
        f"RestartPreventExitStatus={UNFIT}",
        "KillMode=mixed",
        f"TimeoutStopSec={STOP_LIMIT_S}",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    ]
    return "\n".join(lines).encode()


def _percent(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(text: str, *, command: bool = False) -> str:
    escaped = _percent(text.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{escaped.replace("$", "$$") if command else escaped}"'


def values(text: str, name: str) -> list[str]:
    """Return the quoted words of all lines `name=` of a unit that `render` wrote."""
    lines = [line.removeprefix(f"{name}=") for line in text.splitlines() if line.startswith(f"{name}=")]
    return [_plain(word, command=name == "ExecStart") for line in lines for word in _WORD.findall(line)]


def _plain(word: str, *, command: bool) -> str:
    text = re.sub(r"\\(.)", r"\1", word).replace("%%", "%")
    return text.replace("$$", "$") if command else text


def parse(text: str) -> ServiceState:
    """Return the state that `systemctl show` tells."""
    keys = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    status = keys.get("ExecMainStatus", "")
    ended = keys.get("ExecMainCode", "0") not in {"0", ""}
    last_end = None
    if ended and status.isdigit():
        killed = keys["ExecMainCode"] in _KILLED
        last_end = LastEnd(signal=_signal_name(int(status))) if killed else LastEnd(code=int(status))
    return ServiceState(
        loaded=keys.get("LoadState") == "loaded",
        pid=_number(keys.get("MainPID", "")),
        state=keys.get("ActiveState", "unknown"),
        last_end=last_end,
        starts=_number(keys.get("NRestarts", "")),
        since=float(_number(keys.get("ActiveEnterTimestamp", "").removeprefix("@"))),
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
