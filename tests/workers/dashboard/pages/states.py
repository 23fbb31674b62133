"""Every page in every state that a user can meet. Whoever adds a page adds its states here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from common.api.rights import MAY
from common.messages import (
    Following,
    Invitation,
    Invitations,
    ObsSetup,
    ObsSource,
    ObsState,
    PartyState,
    RecordedFile,
    Recording,
    RecordingEntry,
    RecordingList,
)
from tests.workers.dashboard.pages import fed as feed
from tests.workers.dashboard.pages.fed import Fed
from workers.dashboard.avatars.images import Avatar
from workers.dashboard.live.api_keys import ApiKeyList, ListedKey, MadeApiKey
from workers.dashboard.live.people import OverlayPerson


def _nothing(_: Fed) -> None:
    pass


@dataclass(frozen=True)
class State:
    """A state: the page's path with its key, and what is fed and done until it is reached."""

    name: str
    path: str
    reach: Callable[[Fed], None] = _nothing


DASHBOARD, DOCK, GUIDE, SETUP = (f"/{page}?key={feed.KEY}" for page in ("", "dock", "start", "overlay-setup"))
STEPS = ("account", "sign-in", "party", "you", "obs", "done")
SOME = feed.OTHERS[:5]


# --- dashboard ---------------------------------------------------------------------------------------


def _signed_out(page: Fed) -> None:
    page.snapshot(*feed.healthy(signaling="degraded", session="degraded"), feed.signed_out(), feed.no_party())


def _no_party(page: Fed) -> None:
    invited = Invitations(invitations=(Invitation(session_id="s-9", from_online_id="Cleo_99"),))
    page.snapshot(*feed.healthy(), feed.signed_in(), feed.no_party(), invited)
    page.page.get_by_role("button", name="Create a party").click()


def _joining(page: Fed) -> None:
    page.snapshot(*feed.healthy(), feed.signed_in(), PartyState(phase="joining", name="Friday raid"))


def _alone(page: Fed) -> None:
    page.snapshot(*feed.healthy(), feed.signed_in(), *feed.party(()))


def _sixteen(page: Fed) -> None:
    page.snapshot(*feed.busy_party())


def _recordings() -> RecordingList:
    files = (RecordedFile(file="mix.flac", title="mix"), RecordedFile(file="bo.flac", title="Bo-Streams"))
    done = RecordingEntry(recording="raid", name="Raid night", seconds=75.0, size_bytes=10**8, files=files)
    return RecordingList(recordings=(done, RecordingEntry(recording="clip", kind="clip", state="interrupted")))


def _details(page: Fed) -> None:
    """Let the party be managed, a talker's details be open and a recording run."""
    following = Following(online_id="Bo-Streams", account_id="1001", state="with")
    recording = Recording(state="recording", seconds=75.0, free_bytes=10**10)
    page.snapshot(*feed.busy_party(SOME), following, recording, _recordings())
    page.page.get_by_role("button", name="Manage").click()
    page.page.locator(".word").nth(2).click()
    page.page.locator("#workers summary").click()
    page.page.locator("#recordings summary").first.click()


def _problems(page: Fed) -> None:
    """Let the bus be away, problems of each severity be open, one with its details, and a request be refused."""
    page.snapshot(*feed.busy_party(SOME))
    page.page.get_by_role("button", name="Leave").click()
    page.answer(error="There is no such party.")
    found = (feed.problem(), feed.problem("warning", "media.late"), feed.problem("note", "session.slow"))
    page.feed(*feed.healthy(audio="degraded"), *found, bus=False)
    page.page.locator("#problems summary").first.click()


def _away(page: Fed) -> None:
    page.snapshot(*feed.busy_party(SOME))
    page.break_link()


def _keyboard(page: Fed) -> None:
    page.snapshot(*feed.busy_party(SOME))
    page.page.get_by_role("button", name="Keyboard shortcuts").click()


def _signing_in(page: Fed) -> None:
    _signed_out(page)
    page.page.locator("#sign-in").click()


def _step(name: str) -> Callable[[Fed], None]:
    """Return how a step of the guide is reached."""

    def reach(page: Fed) -> None:
        page.snapshot(*feed.healthy(), feed.signed_in(), *feed.party(SOME), feed.said(SOME[0], speaking=True))
        page.page.evaluate("step => { location.hash = step }", name)
        page.page.locator(f"#title-{name}").wait_for()

    return reach


def _people(page: Fed) -> None:
    shown = [
        OverlayPerson(
            id=who.peer, account=who.account_id, name=who.online_id, avatar=Avatar(hue=60 * index),
            speaking=index < 3, muted=index == 4, own=index == 1,
        )
        for index, who in enumerate(SOME)
    ]  # fmt: skip
    page.people(*shown)


def _guide_signed_out(page: Fed) -> None:
    _signed_out(page)
    page.page.evaluate("location.hash = 'sign-in'")
    page.page.get_by_label("NPSSO").fill("x")
    page.page.get_by_role("button", name="Sign in", exact=True).click()
    page.answer(error="That is no NPSSO.")


def _guide_obs(page: Fed) -> None:
    """Let OBS have our sources."""
    sources = (ObsSource(name="voices", carries="mix"),)
    there = ObsState(connected=True, has_browser=True, setup=ObsSetup(route="mix"), sources=sources, scenes=("a", "b"))
    page.snapshot(*feed.healthy(), feed.signed_in(), *feed.party(SOME), there)
    page.page.evaluate("location.hash = 'obs'")
    page.page.get_by_text("More choices").click()


def _setting_up(page: Fed) -> None:
    """Let an order be by hand, one have a place of their own and one be hidden, and a wrong address be refused."""
    _people(page)
    page.page.get_by_label("Order").select_option("hand")
    page.page.get_by_label("A place of its own: ").first.check()
    page.page.get_by_label("Hidden: ").nth(1).check()
    page.page.get_by_label("Go on with an address").fill("nonsense")
    page.page.get_by_role("button", name="Read it").click()


def _api_keys(page: Fed) -> None:
    """Let a key have been made, one be renamed and one be about to be revoked."""
    page.snapshot(*feed.busy_party(SOME))
    card = page.page.locator("#api-keys")
    card.locator("summary").click()
    key = ListedKey(key_id="a", name="Stream Deck", right="control", also=("LeaveParty",), made_at=1.8e9, used_at=1.9e9)
    page.answer(
        to="ListApiKeys", ok=ApiKeyList(keys=(key, structs.replace(key, key_id="b", used_at=None)), rights=dict(MAY))
    )
    card.get_by_label("Program that gets a key").fill("OSC")
    card.get_by_role("button", name="Make a key").click()
    page.answer(to="MakeApiKey", ok=MadeApiKey(name="OSC", may=MAY["control"], key="pl.0.made-up"))
    card.get_by_label("The new key").wait_for()
    card.get_by_role("button", name="Rename").first.click()
    card.get_by_role("button", name="Revoke").last.click()


def _api_wrong_key(page: Fed) -> None:
    _find_in_api(page, "SetMute")
    page.page.evaluate("document.querySelectorAll('section').forEach((section) => (section.hidden = false))")
    page.page.get_by_label("API key").fill("wrong")
    page.page.get_by_role("button", name="Use this key").click()
    page.page.get_by_text("This key is not valid.").wait_for()


def _api_tried(page: Fed) -> None:
    """Let a key be in use, events come and a request be filled in."""
    _find_in_api(page, "SetTalkerProcessing")
    page.page.get_by_label("API key").fill(feed.KEY)
    page.page.get_by_role("button", name="Use this key").click()
    page.page.get_by_text("This key has the right control").wait_for()
    page.page.get_by_role("button", name="Watch events").click()
    page.await_link()
    page.event("peer.speaking/1.PS5", feed.said(SOME[0], speaking=True))
    for summary in page.page.locator("#SetTalkerProcessing summary").all():
        summary.click()
    page.page.locator("#SetTalkerProcessing form").wait_for()


def _api_asked_first(page: Fed) -> None:
    _find_in_api(page, "LeaveParty")
    page.page.locator("#LeaveParty summary").last.click()
    page.page.locator("#LeaveParty").get_by_role("button", name="Send").click()
    page.page.get_by_role("dialog").wait_for()


def _find_in_api(page: Fed, name: str) -> None:
    """Search for an entry, since axe needs seconds for all of them. What is tried with stays on the page."""
    page.page.locator(f"#{name}").wait_for(state="attached")
    page.page.get_by_label("Search the API").fill(name)
    page.page.evaluate("document.getElementById('try').hidden = false")


def _in_obs(page: Fed) -> None:
    """Let OBS have an overlay that looks otherwise, and refuse a change."""
    _people(page)
    overlay = ObsSource(name="partyline overlay", carries="overlay", scenes=("a",), look="layout=row")
    page.snapshot(
        *feed.healthy(),
        ObsState(connected=True, has_browser=True, setup=ObsSetup(route="mix"), sources=(overlay,), scenes=("a", "b")),
    )
    page.page.get_by_role("button", name="Change it in OBS").click()
    page.answer(error="OBS was closed.")


STATES = [
    State("without a key", "/"),
    State("signed out", DASHBOARD, _signed_out),
    State("no party", DASHBOARD, _no_party),
    State("joining", DASHBOARD, _joining),
    State("alone", DASHBOARD, _alone),
    State("sixteen", DASHBOARD, _sixteen),
    State("problems and a refusal", DASHBOARD, _problems),
    State("disconnected", DASHBOARD, _away),
    State("keyboard dialog", DASHBOARD, _keyboard),
    State("sign-in dialog", DASHBOARD, _signing_in),
    State("details", DASHBOARD, _details),
    State("keys of other programs", DASHBOARD, _api_keys),
    State("dock", DOCK, _sixteen),
    State("dock, nobody else", DOCK, _alone),
    State("dock, signed out", DOCK, _signed_out),
    State("dock, disconnected", DOCK, _away),
    *(State(f"guide: {step}", GUIDE, _step(step)) for step in STEPS),
    State("guide: a refused sign-in", GUIDE, _guide_signed_out),
    State("guide: OBS set up", GUIDE, _guide_obs),
    State("overlay's set-up", SETUP, _people),
    State("overlay's set-up, with choices", SETUP, _setting_up),
    State("overlay's set-up, in OBS", SETUP, _in_obs),
    State("overlay's set-up, disconnected", SETUP, Fed.break_link),
    State("API, a wrong key", "/api", _api_wrong_key),
    State("API, tried", "/api", _api_tried),
    State("API, asked first", "/api", _api_asked_first),
    State("overlay", f"/overlay?key={feed.KEY}", _people),
    State("overlay, demo", "/overlay?demo=1"),
    State("overlay's set-up without a key", "/overlay-setup"),
    State("sound for OBS", f"/obs-audio?key={feed.KEY}"),
    State("a wrong key", "/?key=wrong"),
    State("no such page", "/nowhere"),
]
"""They are reached in this order in one tab, and those of one page stand together, so that it is opened once."""
