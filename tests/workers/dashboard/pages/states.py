"""Every page in every state that a user can meet. Whoever adds a page adds its states here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
    State("overlay", f"/overlay?key={feed.KEY}", _people),
    State("overlay, demo", "/overlay?demo=1"),
    State("overlay's set-up without a key", "/overlay-setup"),
    State("sound for OBS", f"/obs-audio?key={feed.KEY}"),
    State("a wrong key", "/?key=wrong"),
    State("no such page", "/nowhere"),
]
"""They are reached in this order in one tab, and those of one page stand together, so that it is opened once."""
