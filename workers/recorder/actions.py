"""What the recorder's deciding parts return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RaiseProblem:
    code: str
    message: str
    remedy: str
    severity: Literal["note", "warning", "error"] = "error"
    new_occurrence: bool = False


@dataclass(frozen=True, slots=True)
class ClearProblem:
    code: str


Action = RaiseProblem | ClearProblem
