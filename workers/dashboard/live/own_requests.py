"""What a page may ask of the dashboard worker itself. Nothing of it goes over the bus. No key of the API allows it."""

from __future__ import annotations

import msgspec

from common.api.rights import Right


class RestartWorker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    worker: str


class ListProcesses(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for all of supervisord's programs, including those without a heartbeat."""


class PlayRecording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for an address at which a file of a recording can be played."""

    recording: str
    file: str


class ListApiKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks for the API's keys, without their secrets."""


class MakeApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Makes a key. The reply is the only one that has it."""

    name: str
    right: Right


class RenameApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key_id: str
    name: str


class RevokeApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key_id: str


KeyRequest = ListApiKeys | MakeApiKey | RenameApiKey | RevokeApiKey
OwnRequest = RestartWorker | ListProcesses | PlayRecording | KeyRequest
