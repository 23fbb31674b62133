"""The outputs as configured and as chosen, kept in `state/audio-outputs.json`. `OutputChoices` does no I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from common.basic.values import MAIN_OUTPUT, MOST_OUTPUTS, DelayMs, GainDb, OutputName
from common.config.further_output import FurtherOutput
from common.errors import PartylineError
from common.files import state
from common.requests import SetOutput

WHAT = "the outputs"
_LONGEST_NAME = 16


class OutputChoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was chosen for one output. None means the setting's value."""

    device: str | None = None
    gain_db: GainDb | None = None
    delay_ms: DelayMs | None = None
    follows_mix: bool = False
    """The mix's delay was chosen, whatever the setting says."""
    muted: bool | None = None
    removed: bool = False
    """An output of the settings that was removed here."""


class SavedOutputs(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The file."""

    outputs: dict[OutputName, OutputChoice] = {}


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """What is wanted of one output."""

    name: str
    device: str = ""
    gain_db: float = 0.0
    delay_ms: float | None = None
    """None means the mix's delay."""
    muted: bool = False


class OutputChoices:
    def __init__(self, configured: Mapping[str, FurtherOutput], kept: SavedOutputs | None = None) -> None:
        self.kept = kept or SavedOutputs()
        self._configured = configured

    @property
    def main(self) -> OutputPlan:
        """What is wanted of the main output. Its device is chosen elsewhere (`SelectDevice`)."""
        return _plan(MAIN_OUTPUT, "", None, self._chosen(MAIN_OUTPUT))

    @property
    def further(self) -> tuple[OutputPlan, ...]:
        """The further outputs, those of the settings first."""
        names = [*self._configured, *(name for name in self.kept.outputs if name not in self._configured)]
        plans = [plan for name in names if (plan := self._further(name)) is not None]
        return tuple(plans[: MOST_OUTPUTS - 1])

    def plan(self, name: str) -> OutputPlan:
        """Return what is wanted of the output `name`. Raises `PartylineError` if there is none."""
        for plan in (self.main, *self.further):
            if plan.name == name:
                return plan
        names = ", ".join(plan.name for plan in (self.main, *self.further))
        raise PartylineError(
            f"There is no output {name!r}. The outputs are: {names}.",
            "`partyline devices` lists the outputs. `partyline output add DEVICE` adds one.",
            code="audio.no-output",
        )

    def add(self, device: str, name: str | None) -> OutputPlan:
        """Add an output on `device`, its full name. Raises `PartylineError` if the name or the room is taken."""
        taken = [MAIN_OUTPUT, *(plan.name for plan in self.further)]
        if len(taken) >= MOST_OUTPUTS:
            raise PartylineError(
                f"There are {MOST_OUTPUTS} outputs already, which is the most: {', '.join(taken)}.",
                "Remove one first: `partyline output remove NAME`.",
                code="audio.outputs-full",
            )
        name = name or new_name(device, taken)
        if name in taken:
            raise PartylineError(
                f"There is an output {name!r} already.",
                "Give another name, or remove that one first: `partyline output remove NAME`.",
                code="audio.output-exists",
            )
        self.kept.outputs[name] = OutputChoice(device=device)
        return self.plan(name)

    def remove(self, name: str) -> None:
        """Remove a further output. Raises `PartylineError` if it is none."""
        self.plan(name)
        if name == MAIN_OUTPUT:
            raise PartylineError(
                "The main output cannot be removed.",
                "Mute it (`partyline output mute main`), or move it to another device (`partyline device NAME`).",
                code="audio.main-output",
            )
        if name in self._configured:
            self.kept.outputs[name] = OutputChoice(removed=True)
        else:
            del self.kept.outputs[name]

    def set(self, request: SetOutput, device: str | None = None) -> OutputPlan:
        """Change what the request names. `device` is its device's full name. Raises `PartylineError`."""
        self.plan(request.name)
        changes: dict[str, object] = {
            field: value
            for field, value in (("gain_db", request.gain_db), ("muted", request.muted), ("device", device))
            if value is not None
        }
        if request.delay_ms is not None or request.follow_mix_delay:
            follows = request.follow_mix_delay
            changes |= {"delay_ms": None if follows else request.delay_ms, "follows_mix": follows}
        self.kept.outputs[request.name] = msgspec.structs.replace(self._chosen(request.name), **changes)
        return self.plan(request.name)

    def _chosen(self, name: str) -> OutputChoice:
        return self.kept.outputs.get(name, OutputChoice())

    def _further(self, name: str) -> OutputPlan | None:
        configured, chosen = self._configured.get(name), self._chosen(name)
        device = chosen.device or (configured.device if configured is not None else "")
        if name == MAIN_OUTPUT or chosen.removed or not device:
            return None
        return _plan(name, device, configured, chosen)

    def dump(self) -> bytes:
        return msgspec.json.format(state.encode(self.kept), indent=2) + b"\n"


def _plan(name: str, device: str, configured: FurtherOutput | None, chosen: OutputChoice) -> OutputPlan:
    base = configured or FurtherOutput(device="none")
    delay_ms = base.delay_ms if chosen.delay_ms is None else chosen.delay_ms
    return OutputPlan(
        name=name,
        device=device,
        gain_db=base.gain_db if chosen.gain_db is None else chosen.gain_db,
        delay_ms=None if chosen.follows_mix else delay_ms,
        muted=base.muted if chosen.muted is None else chosen.muted,
    )


def new_name(device: str, taken: Collection[str]) -> str:
    """Return a name for an output on `device`, made from the device's."""
    plain = unicodedata.normalize("NFKD", device.lower()).encode("ascii", "ignore").decode().replace("'", "")
    words = re.sub(r"[^a-z0-9]+", "-", plain).lstrip("-0123456789").strip("-") or "output"
    names = [words[:_LONGEST_NAME].rstrip("-"), *(f"{words[: _LONGEST_NAME - 2].rstrip('-')}-{n}" for n in range(2, 9))]
    return next(name for name in names if name not in taken)


def load(file: Path, configured: Mapping[str, FurtherOutput]) -> OutputChoices:
    """Return the choices in `file`, none if it is missing or unusable (see `common.files.state`)."""
    return OutputChoices(configured, state.load(file, SavedOutputs, WHAT))


def save(file: Path, data: bytes) -> None:
    """Write what `OutputChoices.dump` returned. Raises `PartylineError` if it cannot be saved at the moment."""
    if not state.save_bytes(file, data, WHAT):
        raise PartylineError(
            "The outputs are changed, but cannot be saved at the moment.",
            f"Check {file.parent} and the space on its disk. They are saved automatically then.",
            code="audio.outputs-unsaved",
        )
