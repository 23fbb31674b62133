"""The sources that a set-up wants, and which members' sources are shown, hidden or removed. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from common.messages import ObsSetup
from common.obs.media_source import MEDIA, SETTINGS, STREAM_PATH
from common.obs.plan import BROWSER, OVERLAY_PAGE, VOICES_PAGE, Source

OVERLAY, OVERLAY_SIZE = "partyline overlay", {"width": 420, "height": 720}
"""Name and size of a new overlay."""
HIDE_AFTER_S = 3.0
"""Time after which the source of a member who left is hidden. Their last words are heard until then: the mix may be
delayed by 2 s (`DelayMs`)."""
REMOVE_AFTER_S = 12 * 3600.0
"""Time after which it is removed. Chosen so that a source outlasts every pause of one evening, and is gone the next."""

Url = Callable[[str, str], str]
"""Returns the address of a page, for a member ("": all)."""


@dataclass(frozen=True)
class Present:
    """Somebody in the party, whose voice has a source of its own."""

    account_id: str
    online_id: str


def sources(setup: ObsSetup, url: Url, members: Sequence[Present]) -> list[Source]:
    """Return the sources of a set-up that have an address of ours."""
    found = []
    match setup.route:
        case "mix":
            found.append(_voices("partyline voices", url(VOICES_PAGE, "")))
        case "each":
            found += [member_source(member, url) for member in members]
        case "stream":
            found.append(Source("partyline stream", MEDIA, {**SETTINGS, "input": url(STREAM_PATH, "")}))
        case "device":
            pass
    if setup.overlay:
        settings = {"url": url(OVERLAY_PAGE, ""), **OVERLAY_SIZE}
        found.append(Source(OVERLAY, BROWSER, settings))
    return found


def member_source(member: Present, url: Url) -> Source:
    """Return the source of one member. Its address has the account, since an online id may be changed."""
    name = member.online_id or member.account_id
    page = _voices(f"partyline {name}", url(VOICES_PAGE, member.account_id))
    return Source(page.name, page.kind, page.settings, member.account_id, (member.online_id,))


def _voices(name: str, url: str) -> Source:
    """Return a page that sounds, and shows next to nothing."""
    return Source(name, BROWSER, {"url": url, "width": 320, "height": 60, "reroute_audio": True})


@dataclass(frozen=True)
class MemberSteps:
    """What to do with the sources of members."""

    show: tuple[Source, ...] = ()
    hide: tuple[Source, ...] = ()
    remove: tuple[Source, ...] = ()
    absent_since: Mapping[str, float] | None = None
    """Key of the source → Unix seconds, as it is to be remembered."""


def of_members(found: Sequence[Source], known: Collection[Present]) -> list[Source]:
    """Return those of the sources that carry one member each, with their accounts.

    A source of an earlier version has the online id in its address. It is the account here while its member is `known`.
    """
    accounts = {member.online_id.casefold(): member.account_id for member in known}
    singles = []
    for source in found:
        page = source.page
        if page is not None and page[0] == VOICES_PAGE and page[1]:
            account = accounts.get(page[1].casefold(), page[1])
            singles.append(Source(source.name, source.kind, source.settings, account))
    return singles


def member_steps(
    singles: Sequence[Source], present: Collection[str], absent_since: Mapping[str, float], now: float
) -> MemberSteps:
    """Return what to do with the sources of single members. `present`: accounts in the party. `now`: Unix seconds."""
    show, hide, remove, since = [], [], [], {}
    for source in singles:
        if source.account_id in present:
            show.append(source)
            continue
        began = min(absent_since.get(source.account_id, now), now)  # the wall clock may have been set back
        since[source.account_id] = began
        if now - began >= REMOVE_AFTER_S:
            remove.append(source)
        elif now - began >= HIDE_AFTER_S:
            hide.append(source)
    return MemberSteps(tuple(show), tuple(hide), tuple(remove), since)
