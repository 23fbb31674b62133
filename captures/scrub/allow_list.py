"""The allow-list of scrubbing: protocol words, and the keys under which a value may stay.

Everything else is replaced. A name (of a field, header, path segment) stays if all its words are in `WORDS`. A value
stays only under a key in `KEEP`, and only if it has the shape given there.
"""

# ruff: noqa: SIM905

from __future__ import annotations

import re

from captures.scrub.vocabulary import WORDS
from common.config.tables import PsnSettings

_APP = PsnSettings()
CONSTANTS = frozenset({_APP.client_id, _APP.redirect_uri, _APP.scope, *_APP.scope.split(), "me", "_anonymous_user"})
"""Public constants of the App, and the words for oneself and for nobody."""

PSN_SUFFIXES = ("playstation.com", "playstation.net", "sony.com", "sonyentertainmentnetwork.com")
"""Domains of captured traffic. Exchanges with other hosts are dropped."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[^A-Za-z0-9]+")
_SEPARATORS = re.compile(r"[-_.:/;,~+= $@]+")


def is_known(name: str) -> bool:
    """Return whether a name consists of harmless words, separators, and numbers of one or two digits."""
    if not name or len(name) > 200 or not name.isascii():
        return False
    return all(_known_part(part) for part in _WORD.findall(name))


_NUMBERED = re.compile(r"[A-Za-z][-_.]+[0-9]+$")


def is_field(name: str) -> bool:
    """Return whether a name is a protocol's: known words, and not numbered like people's names."""
    return is_known(name) and not _NUMBERED.search(name)


def is_one_word(name: str) -> bool:
    return name.casefold() in WORDS


def _known_part(part: str) -> bool:
    if part.isdecimal():
        return len(part) <= 2
    return part.lower() in WORDS or bool(_SEPARATORS.fullmatch(part))


# --- values -----------------------------------------------------------------------------------------

_ENUM = re.compile(r"[A-Za-z][\w :.,/+-]{0,120}", re.ASCII)
_FEW = re.compile(r"[0-9]{1,3}")
_COUNT = re.compile(r"[0-9]{1,6}")
_CODE = re.compile(r"10000[0-9]|[0-9]{1,3}")
"""Platforms in miranda frames, HTTP statuses."""
_VERSION = re.compile(r"v?[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}")
_APP_VERSION = re.compile(r"(?:PlayStationApp-Android/)?[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}")
_MS = re.compile(r"[0-9]{1,8}")
_CUSTOM4 = re.compile(r"|[01]|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}|[A-P][A-Za-z0-9+/]AAAA==|true|false")

ENUMS = frozenset(
    """platform platformid joinablefrom visibilitytype joinableusertype sessiontype type datatype media_identifier
    invitationtype deletedevencause status token_type scope grant_type token_format response_type access_type
    service_entity device_type fields view codec typ direction error namespace allow_duid_duplication prompt
    bridgehostingtype lefteventcause
    """.split()
)
KEEP = {
    **dict.fromkeys(ENUMS, _ENUM),
    **dict.fromkeys(
        """maxmembers joinorder limit mid msids sdp_sequence_number g keepalivestatustype ptime bitrate
        channels count total size offset status""".split(),
        _FEW,
    ),
    **dict.fromkeys("method returncode samplingrates sequencenumber global_seq_num error_code".split(), _COUNT),
    **dict.fromkeys(
        """expires_in refresh_token_expires_in mspollinginterval clientkeepaliveinterval clientkeepalivetimeout
        serverkeepalivetimeout serverpresencetimeout retryintervalmin retryintervalmax""".split(),
        _MS,
    ),
    **dict.fromkeys("version ver".split(), _VERSION),
    "alg": re.compile(r"(?:RS|ES|PS|HS)(?:256|384|512)|none|dir"),
    "channel": re.compile(r"miranda:[0-9]{1,3}"),
    "customdata4": _CUSTOM4,
}
"""Key (lower case) → the shape of values that may stay. Enumerations must also consist of harmless words."""
NESTED_KEEP = {("error", "code"): re.compile(r"[0-9]{1,8}")}
"""The same for keys that are harmless only under this parent. An OAuth `code` is a secret."""

TIMES = frozenset("exp iat auth_time jointimestamp timestarted timestamp createdtimestamp updatedtimestamp".split())
"""Keys of times, in s or ms. All are shifted by the same number of days."""
SENTENCES = frozenset("message error_description reason".split())
"""Keys of sentences for people. Harmless words in them stay, and others are replaced."""
PRIVATE_FLAGS = frozenset("child adult minor plus premium age".split())
"""Words in the key of a boolean that reveals something about a person."""
ONLINE_IDS = frozenset("onlineid currentonlineid username nickname".split())
"""Keys of online ids. Such a name counts as harmless nowhere."""
PERSONAL = frozenset(
    """onlineid currentonlineid name firstname lastname realname displayname sessionname nickname email username
    groupname password""".split()
)
"""Keys of names. A word found there counts as harmless nowhere else."""


def may_stay(value: str, key: str, parent: str = "") -> bool:
    """Return whether `value` (a string, or a number's digits) may stay under `key` of the object under `parent`."""
    if value in CONSTANTS:
        return True
    key, parent = key.casefold(), parent.casefold()
    nested = NESTED_KEEP.get((parent, key))
    if nested is not None:
        return bool(nested.fullmatch(value))
    shape = KEEP.get(key)
    if key in ENUMS and _ENUM.fullmatch(value):
        return is_known(value)
    if key in {"platform", "status"}:
        return bool(_CODE.fullmatch(value))
    return shape is not None and shape is not _ENUM and bool(shape.fullmatch(value))


def flag_may_stay(key: str) -> bool:
    words = {part.lower() for part in _WORD.findall(key)}
    return is_known(key) and not words & PRIVATE_FLAGS


# --- headers ----------------------------------------------------------------------------------------

_MIME = re.compile(
    r"[a-z*]+/[a-z0-9.+*-]+(?:;\s*(?:charset=utf-8|q=[01](?:\.[0-9])?))*(?:,\s*[a-z*]+/[a-z0-9.+*-]+)*",
    re.IGNORECASE,
)
_TITLE = re.compile(r"METROPOL_(?:AND|IOS)")
HEADERS = {
    "content-type": _MIME,
    "accept": _MIME,
    "accept-encoding": re.compile(r"(?:gzip|deflate|br|zstd|identity|[,\s*])*"),
    "content-encoding": re.compile(r"gzip|deflate|br|zstd|identity"),
    "content-length": re.compile(r"[0-9]{1,8}"),
    "connection": re.compile(r"keep-alive|close|upgrade", re.IGNORECASE),
    "upgrade": re.compile(r"websocket", re.IGNORECASE),
    "transfer-encoding": re.compile(r"chunked"),
    "sec-websocket-protocol": re.compile(r"np-pushpacket"),
    "sec-websocket-version": _FEW,
    "retry-after": _COUNT,
    "x-psn-sampled": re.compile(r"[01]"),
    "x-psn-app-ver": _APP_VERSION,
    "x-psn-app-type": re.compile(r"MOBILE_APP\.PSAPP"),
    "x-psn-os-ver": _VERSION,
    "x-psn-protocol-version": _VERSION,
    "x-psn-keep-alive-status-type": _FEW,
    "x-psn-reconnection": re.compile(r"true|false"),
    "x-psn-rtc-title-id": _TITLE,
    "x-psn-session-manager-ignore-conflict": re.compile(r"true|false"),
}
"""Header (lower case) → the shape of a value that may stay. Media types must also consist of harmless words."""


def header_may_stay(name: str, value: str) -> bool:
    shape = HEADERS.get(name.casefold())
    if shape is None or not shape.fullmatch(value):
        return False
    return shape is not _MIME or is_known(value.replace("*", "a"))


# --- paths ------------------------------------------------------------------------------------------

HOLDERS = frozenset(
    "users accounts groups partysessions members bridges peers partyinfo devices profiles friends".split()
)
"""Path segments that are followed by an id of any shape."""
MAPS = frozenset("users accounts groups members bridges peers devices profiles friends presences players".split())
"""Keys of objects whose keys are ids of any shape."""
AFTER_HOLDERS = frozenset(
    """me me.MOBILE_APP internal profiles partySessionsInvitations partySessions openPartySessions accounts
    groups""".split()
)


def segment_may_stay(segment: str, before: str) -> bool:
    if before.casefold() in HOLDERS:
        return segment in AFTER_HOLDERS
    return is_field(segment)
