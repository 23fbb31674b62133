"""The settings: one TOML file and `PARTYLINE_<TABLE>__<KEY>` variables.

The file is `Paths.settings_file`. A variable overrides the file. Unknown keys and wrong
types are errors that name the place. `common.config.tables` defines and explains every setting.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from common.basic.addresses import host_and_port, network_of
from common.basic.values import LEAST_CLIP_S, MAIN_OUTPUT, refusal
from common.config.integration_tables import OscSettings
from common.config.tables import PsnSettings, Settings
from common.errors import SettingsError
from common.files.paths import Paths
from common.log import logs

PREFIX = "PARTYLINE_"
STUN_PORT = 3478
SONY = ("playstation.com", "playstation.net", "sony.com", "sonyentertainmentnetwork.com")
"""Domains of PlayStation's servers."""
_STUN = re.compile(r"stun:([^:?/\s]{1,255})(?::([0-9]{1,5}))?")


def load(paths: Paths | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of `paths`' file, overridden by `environ`.

    Raises `SettingsError`, which names the file or variable and the key.
    """
    paths = paths or Paths.of_environment()
    environ = os.environ if environ is None else environ
    settings = _convert(_read(paths.settings_file), str(paths.settings_file))
    for name in sorted(environ):
        if name.startswith(PREFIX) and "__" in name:
            settings = _override(settings, name, environ[name])
    return _checked(settings)


def of_text(text: str, place: str) -> Settings:
    """Return the settings of a file's text. Raises `SettingsError`, which names the `place` and the key."""
    return _checked(_convert(_parsed(text, place), place))


def of_words(table: str, key: str, text: str) -> object:
    """Return the value of one setting, written like in a variable. Raises `SettingsError`."""
    name = f"{table}.{key}"
    try:
        return getattr(getattr(_with(Settings(), table, key, text, name), table), key)
    except SettingsError as error:  # it names the key again, after the place
        raise SettingsError(error.message.replace(f"{name}: {key}: ", f"{name}: "), error.remedy) from error


def variable(table: str, key: str) -> str:
    """Return the name of the variable that overrides a setting."""
    return f"{PREFIX}{table}__{key}".upper()


def _checked(settings: Settings) -> Settings:
    _check_urls(settings.psn)
    _check_stun(settings.ice.stun_servers)
    _check_date_url(settings)
    _check_clip(settings.clip.seconds)
    _check_osc(settings.osc)
    settings.split.division()
    if MAIN_OUTPUT in settings.audio.outputs:
        raise SettingsError(
            f"audio.outputs: {MAIN_OUTPUT!r} is the output whose device is [audio] device",
            "Give the further output another name.",
        )
    if settings.signaling.socketio_url:
        check_url("signaling.socketio_url", settings.signaling.socketio_url, ("wss", "ws"))
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return _parsed(file.read_text("utf-8"), str(file))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}", "Check the file's permissions and encoding.") from error


def _parsed(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{place} is not valid TOML: {error}", "Mend that line of the file.") from error


def _convert(data: dict[str, Any], place: str) -> Settings:
    try:
        return msgspec.convert(data, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{place}: {refusal(error)}", "Correct the key or its value; README lists the settings."
        ) from error


def _override(settings: Settings, name: str, text: str) -> Settings:
    table, _, key = name.removeprefix(PREFIX).lower().partition("__")
    return _with(settings, table, key, text, name)


def _with(settings: Settings, table: str, key: str, text: str, name: str) -> Settings:
    """Return the settings with one value, written in words. `name` stands in an error."""
    if table not in Settings.__struct_fields__:
        raise SettingsError(f"{name}: there is no table [{table}]", f"Tables: {', '.join(Settings.__struct_fields__)}.")
    group = getattr(settings, table)
    if key not in group.__struct_fields__:
        raise SettingsError(f"{name}: [{table}] has no key {key}", f"Keys: {', '.join(group.__struct_fields__)}.")
    data = {**msgspec.to_builtins(group), key: _value(text, getattr(group, key))}
    try:
        changed = msgspec.convert(data, type(group), strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{name}: {refusal(error)}", f"Correct the value of {name}.") from error
    return msgspec.structs.replace(settings, **{table: changed})


def _value(text: str, present: object) -> object:
    """Parse a list as JSON or as comma-separated words, and a table as JSON. Other text is left to its type."""
    if not isinstance(present, (tuple, dict)):
        return text
    if isinstance(present, dict) or text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return [word.strip() for word in text.split(",") if word.strip()]


def is_sonys(url: str) -> bool:
    """Return whether a URL is of a server of PlayStation's."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return any(host == name or host.endswith(f".{name}") for name in SONY)


def is_loopback(host: str) -> bool:
    """Return whether `host` (a name or an address) is loopback."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(place: str, url: str, schemes: tuple[str, str]) -> None:
    """Raise `SettingsError` unless `url` has the secure scheme, or the plain one and a loopback host.

    `schemes` is (secure, plain), e.g. ``("https", "http")``.
    """
    secure, plain = schemes
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise SettingsError(f"{place}: {url!r} is no URL ({error})", f"Write it as {secure}://host/…") from error
    logs.remember(parts.password or "")
    if parts.scheme not in schemes or not host:
        raise SettingsError(f"{place}: {url!r} is no {secure} URL", f"Write it as {secure}://host/…")
    if parts.scheme == plain and "{fqdn}" not in host and not is_loopback(host):
        raise SettingsError(
            f"{place}: {plain}:// to {host} would send tokens in the clear",
            f"Use {secure}://; plain {plain} is for loopback addresses only.",
        )


def stun_address(url: str) -> tuple[str, int] | None:
    """Return (host, port) of ``stun:host[:port]``, or None if `url` is not one."""
    match = _STUN.fullmatch(url.strip())
    return (match[1], int(match[2] or STUN_PORT)) if match and int(match[2] or STUN_PORT) < 65536 else None


def _check_stun(urls: tuple[str, ...]) -> None:
    for url in urls:
        if stun_address(url) is None:
            raise SettingsError(
                f"ice.stun_servers: {url!r} is no STUN server",
                "Write it as stun:host or stun:host:port. TURN is not supported.",
            )


def _check_date_url(settings: Settings) -> None:
    url = settings.doctor.date_url
    check_url("doctor.date_url", url, ("https", "http"))
    if is_sonys(url):
        host = urlsplit(url).hostname
        raise SettingsError(
            f"doctor.date_url: {host} belongs to PlayStation, which `partyline doctor` does not contact",
            "Name another server.",
        )


def _check_clip(seconds: int) -> None:
    if 0 < seconds < LEAST_CLIP_S:
        raise SettingsError(
            f"clip.seconds: {seconds} is too short", f"Choose {LEAST_CLIP_S} to 300, or 0 to keep nothing."
        )


def _check_osc(osc: OscSettings) -> None:
    for text in osc.allow:
        if network_of(text) is None:
            raise SettingsError(
                f"osc.allow: {text!r} is no address and no network", "Write it as 192.168.1.20 or 192.168.1.0/24."
            )
    for text in osc.targets:
        if host_and_port(text) is None:
            raise SettingsError(f"osc.targets: {text!r} is no host with a port", "Write it as 192.168.1.20:9000.")


def _check_urls(psn: PsnSettings) -> None:
    for key in (
        "account_url",
        "mobile_url",
        "web_url",
        "dms_url",
        "profile_url",
        "party_link_url",
        "push_url",
        "sign_in_url",
    ):
        check_url(f"psn.{key}", getattr(psn, key), ("https", "http"))
    check_url("psn.push_socket_url", psn.push_socket_url.replace("{fqdn}", "fqdn.invalid{fqdn}"), ("wss", "ws"))
