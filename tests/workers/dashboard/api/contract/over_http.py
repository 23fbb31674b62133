"""Every operation of the OpenAPI document by schemathesis: what it allows, what it forbids, and what it does not tell.

It calls a real dashboard worker with the document that this serves. Undocumented answers, bodies that do not fit, data
accepted or refused against the schema, and server errors are findings.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from common.api import PATH
from common.api.keys import KeyGrant
from tests.workers.dashboard.api.contract.keyring import ALSO, HTTP, RIGHT_OF, Keyring, Kind

OPEN = ("OpenApi", "AsyncApi")
"""Operations without a key."""
SOUND = ("Listen", "StopListening")
"""Operations of listeners. The webrtc worker decides who may, and here a made-up one lets everybody in."""
schemathesis.serializer.alias("application/sdp", "text/plain")  # an offer of WHEP
METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "TRACE")


@dataclass
class Outcome:
    """What a run found, and how much it tried."""

    findings: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    by_operation: Counter[str] = field(default_factory=Counter)

    @property
    def calls(self) -> int:
        return self.statuses.total()


def run(
    origin: str,
    ring: Keyring,
    kinds: Iterable[Kind],
    *,
    examples: int,
    coverage: bool,
    methods: tuple[str, ...] = METHODS,
    only: tuple[str, ...] = (),
    seed: int = 1,
    derandomize: bool = True,
) -> Outcome:
    """Try every operation with keys of these kinds by turns: drawn `examples`, and with `coverage` all borders.

    `methods` are those that it is tried with although it has another. `only` names the operations, if not all.
    """
    phases = {
        "examples": {"enabled": coverage},
        "coverage": {"enabled": coverage, "unexpected-methods": list(methods)},
        "fuzzing": {"enabled": examples > 0},
        "stateful": {"enabled": False},  # no operation makes what another one names
    }
    config = schemathesis.Config.from_dict({
        "base-url": origin,
        "seed": seed,
        "continue-on-failure": True,
        "generation": {
            "max-examples": max(1, examples), "deterministic": derandomize, "database": "none", "no-shrink": True,
        },
        "phases": phases,
    })  # fmt: skip
    document = HTTP.get(f"{origin}{PATH}/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document, config=config)
    if only:
        schema = schema.include(operation_id=list(only))
    turns = itertools.cycle(kinds)

    @schema.auth(refresh_interval=None)
    class _Turns:
        def get(self, case: Any, context: Any) -> str:
            return ring.next(next(turns))

        def set(self, case: Any, data: str, context: Any) -> None:
            if data:
                case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}

    outcome = Outcome()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _count(outcome, event.recorder, ring)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            outcome.findings.append(str(event))
    return outcome


def _count(outcome: Outcome, recorder: ScenarioRecorder, ring: Keyring) -> None:
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is None:
            outcome.findings.append(f"{recorder.label}: no answer to {interaction.request}")
            continue
        outcome.statuses[interaction.response.status_code] += 1
        outcome.by_operation[recorder.label] += 1
        case = recorder.cases[case_id].value if case_id in recorder.cases else None
        if case is not None and case.method == case.operation.method.upper():
            wrong = _wrong_right(case.operation.definition.raw.get("operationId", ""), interaction, ring)
            outcome.findings.extend([f"{recorder.label}: {wrong}"] if wrong else [])
    for nodes in recorder.checks.values():
        for node in nodes:
            if node.failure_info is not None:
                found = node.failure_info
                outcome.findings.append(f"{node.name}: {recorder.label}: {found.failure.message}\n{found.code_sample}")


def _wrong_right(operation: str, interaction: Any, ring: Keyring) -> str:
    """Return what is wrong with the status for the key that was used, empty if nothing is."""
    given = next(iter(interaction.request.headers.get("Authorization", [""])), "").removeprefix("Bearer ")
    kind = ring.kinds.get(given, "none")
    status = interaction.response.status_code
    if operation in OPEN:
        return "" if status in (200, 429) else f"{status} for a document"
    if operation in SOUND:
        return ""
    right = RIGHT_OF[kind]
    if right is None:
        return "" if status == 401 else f"{status} for a key of the kind {kind}"
    if operation in ("Hello", "State"):
        return "" if status in (200, 400, 429) else f"{status} for a key of the kind {kind}"
    grant = KeyGrant(key_id="", name="", right=right, also=(ALSO,) if kind == "also" else ())
    if grant.may(operation) == (status in (401, 403)):
        return f"{status} for a key of the kind {kind}"
    return ""
