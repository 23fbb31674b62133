"""A kind of field that is secret: whoever holds one hides it, without anybody having to think of it."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

import msgspec

from common.log import logs

_MARK = "secret"
Secret = Annotated[str, msgspec.Meta(extra={_MARK: True})]
"""A text that no log, message, crash report or `repr` may show. To be used in subclasses of `Guarded`."""


@cache
def secret_fields(cls: type[Any]) -> frozenset[str]:
    """Return the names of the fields of `cls` that are `Secret`."""
    hints = get_type_hints(cls, include_extras=True)
    return frozenset(name for name, kind in hints.items() if any(map(_is_mark, get_args(kind))))


def holds_secrets(kind: Any) -> bool:
    """Return whether a type has `Secret` fields somewhere within, as a table of structs."""
    if isinstance(kind, type) and issubclass(kind, Guarded):
        hints = get_type_hints(kind, include_extras=True)
        return bool(secret_fields(kind)) or any(map(holds_secrets, hints.values()))
    return any(map(holds_secrets, get_args(kind)))


def _is_mark(found: object) -> bool:
    return isinstance(found, msgspec.Meta) and bool((found.extra or {}).get(_MARK))


class Guarded(msgspec.Struct, frozen=True, kw_only=True):
    """A struct whose `Secret` fields are hidden in all that this process logs, from the moment it is made."""

    def __post_init__(self) -> None:
        for name in secret_fields(type(self)):
            logs.remember(getattr(self, name))

    def __repr__(self) -> str:
        hidden = secret_fields(type(self))
        shown = (
            f"{name}={logs.HIDDEN if name in hidden and getattr(self, name) else repr(getattr(self, name))}"
            for name in self.__struct_fields__
        )
        return f"{type(self).__name__}({', '.join(shown)})"
