"""What requests have in common."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

import msgspec

R = TypeVar("R")


class Request(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """A question to one worker. `WORKER` answers with an instance of `REPLY`."""

    WORKER: ClassVar[str]
    REPLY: ClassVar[type[Any]]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to a request without a result."""

    message: str = ""
