"""Scrubbing of what goes into a report: no secret, no name, no address, no id.

What is known to be somebody's (online ids, account ids, the user's and the machine's name) becomes a pseudonym. Of the
rest only words of `vocabulary` stay. Other values become fakes of the same shape (`captures.scrub.fakes`), the same one
each time, so that a reader can still follow one member or address through all files.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

from captures.scrub.draw import ID_DIGITS
from captures.scrub.fakes import Fakes
from cli.machine.report.vocabulary import COMPOUND, RUN
from common.log import logs
from common.messages import BRIDGE

SHORTEST_NAME = 3
"""A shorter name would be found within everything else."""
_IDS = frozenset({"online_id", "account_id", "peer", "onlineId", "accountId", "currentOnlineId"})
"""Fields of a person. In a record with one of them, `_NAMES` are theirs too, unless it is of a party."""
_BRIDGE = frozenset({BRIDGE.account_id, BRIDGE.peer.casefold(), BRIDGE.online_id})
"""What stands for Sony's bridge where a member would be."""
_PARTY = frozenset({"session_id", "sessionId"})
_NAMES = frozenset({"name", "title", "sessionName", "real_name", "display_name"})
LONG_NUMBER, UNIX_DIGITS = 7, 10
"""Digits from which a number in a text may be somebody's (a phone number, an id), and those of a Unix time."""
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_DASHED = re.compile(rf"{_OCTET}(?:-{_OCTET}){{3}}")
"""An address as providers write it into names."""
_ALTERNATIVES = {
    "time": r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",
    "uuid": r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])",
    "mail": r"[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+",
    "mac": r"(?<![\w:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:-])",
    "four": r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)",
    "six": r"(?<![\w.:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]{0,15}(?![\w:])",
    "words": COMPOUND.pattern,
    "foreign": r"[^\x00-\x7f\W]+",
}
_PARTS = re.compile("|".join(f"(?P<{name}>{text})" for name, text in _ALTERNATIVES.items()))


class ReportScrubber:
    """Feed it all data to `learn` first."""

    def __init__(self, vocabulary: Iterable[str], places: Mapping[str, str] | None = None) -> None:
        """`places` are texts and what stands for them, e.g. the home folder."""
        self._words = set(vocabulary)
        self._places = dict(places or {})
        self._fakes = Fakes()
        self._names: dict[str, str] = {}
        """Name in lower case → pseudonym."""
        self._pattern: re.Pattern[str] | None = None

    # --- names --------------------------------------------------------------------------------------

    def learn(self, data: Any) -> None:
        """Learn the names in `data`, any nesting of lists and dictionaries."""
        if isinstance(data, dict):
            is_party = not _PARTY.isdisjoint(data)
            self._learn_one(data, _IDS if is_party else _IDS | _NAMES, "member", needs=_IDS)
            self._learn_one(data, _PARTY | _NAMES, "party", needs=_PARTY)
            for item in data.values():
                self.learn(item)
        elif isinstance(data, list | tuple):
            for item in data:
                self.learn(item)

    def _learn_one(self, data: dict[str, Any], keys: frozenset[str], kind: str, needs: frozenset[str]) -> None:
        """Learn what one person or party is called, under one pseudonym."""
        if needs.isdisjoint(data):
            return
        called = [
            str(data[key]) for key in sorted(keys & data.keys()) if data[key] and isinstance(data[key], str | int)
        ]
        pieces = [piece for name in called for piece in (name.casefold(), *RUN.findall(name.casefold()))]
        known = next((self._names[piece] for piece in pieces if piece in self._names), "")
        pseudonym = known or f"{kind}-{1 + len({one for one in self._names.values() if one.startswith(kind)})}"
        for name in called:
            self.learn_name(name, pseudonym)

    def learn_name(self, name: str, pseudonym: str) -> None:
        """Replace `name` by `pseudonym` everywhere from now on."""
        key = name.strip().casefold()
        if (
            len(key) >= SHORTEST_NAME
            and key not in _BRIDGE
            and key not in self._names
            and key not in self._names.values()
        ):
            self._names[key] = pseudonym
            self._pattern = None

    # --- texts --------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """Return `text` without anything that is not known to be harmless."""
        text = logs.redact(text)
        for place, stands in self._places.items():
            text = text.replace(place, stands)
        pieces, at = [], 0
        for match in self._named().finditer(text):
            pieces += [self._plain(text[at : match.start()]), self._names[match[0].casefold()]]
            at = match.end()
        return "".join([*pieces, self._plain(text[at:])])

    def data(self, data: Any) -> Any:
        """Return JSON `data` with every text and id in it scrubbed."""
        if isinstance(data, dict):
            found: dict[str, Any] = {}
            for key, item in logs.clean(data).items():
                fresh = self.text(str(key))
                while fresh in found:
                    fresh += "_"
                found[fresh] = self.data(item)
            return found
        if isinstance(data, list | tuple):
            return [self.data(item) for item in data]
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, int) and not isinstance(data, bool) and len(str(abs(data))) >= ID_DIGITS:
            return self._fakes.number(data)
        return data

    def left_in(self, text: str) -> bool:
        """Return whether a known secret or name is still in the scrubbed `text`."""
        return logs.redact(text) != text or self._named().search(text) is not None

    def _named(self) -> re.Pattern[str]:
        if self._pattern is None:
            names = sorted(self._names, key=len, reverse=True)
            either = "|".join(map(re.escape, names)) or r"(?!)"
            self._pattern = re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])", re.IGNORECASE)
        return self._pattern

    def _plain(self, text: str) -> str:
        return _PARTS.sub(self._part, text)

    def _part(self, match: re.Match[str]) -> str:
        kind, text = str(match.lastgroup), match[0]
        if kind == "time" or text == logs.HIDDEN.strip("[]"):
            return text
        if kind == "uuid":
            return self._fakes.uuid(text)
        if kind in ("four", "six"):
            return self._address(text)
        if kind == "words":
            return self._compound(text)
        return RUN.sub(lambda run: self._fakes.token(run[0]), text) if kind != "foreign" else self._fakes.token(text)

    def _address(self, text: str) -> str:
        try:
            ipaddress.ip_address(text)
        except ValueError:  # a time of the day, a version
            return COMPOUND.sub(lambda match: self._compound(match[0]), text)
        return self._fakes.address(text)

    def _compound(self, text: str) -> str:
        if text.casefold() in self._words:
            return text
        if text.isdecimal():
            is_short = len(text) < LONG_NUMBER or (len(text) == UNIX_DIGITS and text[0] == "1")
            return text if is_short else str(self._fakes.number(int(text)))
        if _DASHED.fullmatch(text):
            return self._fakes.address(text.replace("-", ".")).replace(".", "-")
        return RUN.sub(
            lambda run: run[0] if run[0].isdecimal() and len(run[0]) < 4 else self._fakes.token(run[0]), text
        )
