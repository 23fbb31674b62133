"""The API's keys: made, listed, revoked. Only their digests are kept, so a key is shown once.

A key is ``pl.<id>.<secret>``. Its secret has 192 bits, so one plain SHA-256 is enough: no word list reaches it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import structs

from common.api.rights import NEEDED, Right, allows
from common.errors import PartylineError
from common.files import state
from common.files.lock import locked
from common.files.paths import Paths, write_atomically
from common.files.state import UNUSABLE
from common.log import logs

FORMAT = 1
MOST_KEYS = 100
"""More keys than that are a program that makes one at each start."""
LONGEST_NAME = 60
_SECRET_BYTES = 24
_ID_BYTES = 4
_TRIES, _PAUSE_S = 40, 0.025
"""A change takes milliseconds. So this is how long one waits for a process that was stopped in the middle of one."""


class KeyGrant(msgspec.Struct, frozen=True, kw_only=True):
    """What the bearer of a key may do."""

    key_id: str
    name: str
    """The name that the user gave the key."""
    right: Right
    also: tuple[str, ...] = ()
    """Names of requests that it may make besides."""

    def may(self, request: str) -> bool:
        """Return whether it may make a request of this name."""
        needed = _BY_NAME.get(request)
        return needed is not None and (allows(self.right, needed) or request in self.also)


class ApiKey(KeyGrant, frozen=True, kw_only=True):
    """A key as it is kept."""

    digest: str
    """SHA-256 of the whole key, in hex."""
    made_at: float
    """Unix seconds."""

    def grant(self) -> KeyGrant:
        return KeyGrant(key_id=self.key_id, name=self.name, right=self.right, also=self.also)


class _File(msgspec.Struct, frozen=True, kw_only=True):
    keys: tuple[ApiKey, ...] = ()


_BY_NAME: dict[str, Right] = {cls.__name__: right for cls, right in NEEDED.items()}


def keys_file(paths: Paths) -> Path:
    return paths.secrets / "api-keys.json"


def load(paths: Paths) -> tuple[ApiKey, ...]:
    """Return all keys. Raises `PartylineError` when their file cannot be used: then no key is valid."""
    file = keys_file(paths)
    try:
        raw = file.read_bytes()
        if state.format_of(raw) > FORMAT:
            raise ValueError("a newer version of partyline wrote them")
        return msgspec.json.decode(raw, type=_File).keys
    except FileNotFoundError:
        return ()
    except (OSError, *UNUSABLE) as error:
        raise _refused(
            f"The API's keys in {file} cannot be used: {error}",
            f"Remove {file}, then make new keys with `partyline api key add`.",
        ) from error


def make(paths: Paths, name: str, right: Right, also: tuple[str, ...] = ()) -> tuple[ApiKey, str]:
    """Make a key. Return it as it is kept, and the key itself, which nobody can read again."""
    for request in also:
        if request not in _BY_NAME:
            raise _refused(f"No key allows the request {request[:40]!r}.", f"Requests: {', '.join(_BY_NAME)}.")
    with _changing(paths):
        present = load(paths)
        name = _new_name(name, present)
        if len(present) >= MOST_KEYS:
            raise _refused(f"There are {MOST_KEYS} keys.", "Remove those that nobody uses.")
        key_id = secrets.token_hex(_ID_BYTES)
        text = f"pl.{key_id}.{secrets.token_urlsafe(_SECRET_BYTES)}"
        logs.remember(text)
        made = ApiKey(key_id=key_id, name=name, right=right, also=also, digest=_digest(text), made_at=time.time())
        _save(paths, (*present, made))
    return made, text


def rename(paths: Paths, name: str, wanted: str) -> ApiKey:
    """Give the key of this name or id the name `wanted`. Programs that use it notice nothing."""
    with _changing(paths):
        present = load(paths)
        found = _named(name, present)
        renamed = structs.replace(found, name=_new_name(wanted, tuple(key for key in present if key is not found)))
        _save(paths, tuple(renamed if key is found else key for key in present))
    return renamed


def remove(paths: Paths, name: str) -> ApiKey:
    """Revoke the key of this name or id. Programs that use it are refused from the next second on."""
    with _changing(paths):
        present = load(paths)
        found = _named(name, present)
        _save(paths, tuple(key for key in present if key is not found))
    return found


def find(keys: tuple[ApiKey, ...], given: str) -> KeyGrant | None:
    """Return what the bearer of `given` may do, None for no key. The time taken does not depend on its secret."""
    key_id = given.split(".")[1] if given.count(".") == 2 else ""
    key = next((key for key in keys if key.key_id == key_id), None)
    if key is None or not hmac.compare_digest(key.digest, _digest(given)):
        return None
    return key.grant()


def _named(name: str, present: tuple[ApiKey, ...]) -> ApiKey:
    """Return the key of this name or id. An id comes first, since a key may be called like another one's id."""
    wanted = name.casefold()
    found = next((key for key in present if key.key_id == wanted), None) or next(
        (key for key in present if key.name.casefold() == wanted), None
    )
    if found is None:
        names = ", ".join(key.name for key in present) or "there are none"
        raise _refused(f"There is no key called {name!r}.", f"Keys: {names}.")
    return found


def _new_name(name: str, others: tuple[ApiKey, ...]) -> str:
    """Return `name` tidied. Raises `PartylineError` if it is none, or one of `others` has it."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise _refused(f"A key needs a name of 1 to {LONGEST_NAME} letters.", "Name the program that will use it.")
    if any(key.name.casefold() == name.casefold() for key in others):
        raise _refused(f"There is a key called {name!r} already.", "Choose another name, or remove it.")
    return name


@contextlib.contextmanager
def _changing(paths: Paths) -> Iterator[None]:
    """Let nobody else change the keys meanwhile. Else the later one would bring back a key that was just revoked."""
    file = keys_file(paths)
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locked(file.with_suffix(".lock"), tries=_TRIES, pause_s=_PAUSE_S))
        except BlockingIOError as error:
            raise _refused("Another program is changing the API's keys.", "Try again in a moment.") from error
        except OSError as error:
            raise _unwritable(file, error) from error
        yield


def _unwritable(file: Path, error: OSError) -> PartylineError:
    return _refused(
        f"The API's keys cannot be written to {file}: {error.strerror or error}.",
        "Make room on the disk or correct the permissions. Nothing was changed.",
    )


def _refused(message: str, remedy: str) -> PartylineError:
    return PartylineError(message, remedy, code="api.keys")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _save(paths: Paths, keys: tuple[ApiKey, ...]) -> None:
    try:
        write_atomically(keys_file(paths), state.encode(_File(keys=keys)))
    except OSError as error:
        raise _unwritable(keys_file(paths), error) from error
