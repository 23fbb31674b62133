"""The merged schema of bodies of one kind, with each field's types, frequency and examples."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

EXAMPLES = 3
MAX_DEPTH = 12
"""Deepest level of fields. Deeper ones are ignored."""
_TYPES = {dict: "object", list: "list", str: "text", bool: "flag", int: "number", float: "number", type(None): "null"}


@dataclass
class FieldShape:
    """A field. `seen` counts the objects that have it, `of` the objects that could have it."""

    seen: int = 0
    of: int = 0
    types: set[str] = field(default_factory=set)
    examples: list[str] = field(default_factory=list)

    @property
    def optional(self) -> bool:
        return self.seen < self.of


def merged(bodies: Iterable[Any]) -> dict[str, FieldShape]:
    """Return path (``members[].accountId``) → field, in order of appearance."""
    found: dict[str, FieldShape] = {}
    objects: Counter[str] = Counter()
    for body in bodies:
        _walk(body, "", found, objects, 0)
    for path, entry in found.items():
        entry.of = objects[path.rpartition(".")[0]]
    return found


def _walk(data: Any, path: str, found: dict[str, FieldShape], objects: Counter[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        return
    if isinstance(data, dict):
        objects[path] += 1
        for key, value in data.items():
            below = f"{path}.{key}"
            entry = found.setdefault(below, FieldShape())
            entry.seen += 1
            _note(entry, value)
            _walk(value, below, found, objects, depth + 1)
    elif isinstance(data, list):
        for value in data:
            _walk(value, f"{path}[]", found, objects, depth + 1)


def _note(entry: FieldShape, value: Any) -> None:
    entry.types.add(_TYPES.get(type(value), "other"))
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
        return
    text = json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= 60 else f"{text[:48]}… ({len(text)} characters)"
    if text not in entry.examples and len(entry.examples) < EXAMPLES:
        entry.examples.append(text)
