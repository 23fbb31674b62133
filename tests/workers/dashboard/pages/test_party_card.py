"""What the command line can do to a party, done on the page: rename it, open it, follow somebody, go where invited."""

from __future__ import annotations

import time

from playwright.sync_api import Browser, expect

from common.errors import PartyError
from common.messages import Following, Invitation, Invitations, PartyState
from common.requests import (
    Done,
    FollowPlayer,
    Invited,
    InvitePeople,
    JoinParty,
    RenameParty,
    SetVisibility,
)
from tests.workers.dashboard.stage import Stage
from tests.workers.dashboard.window import opened


def test_a_party_is_renamed_with_the_keyboard_alone_and_a_refusal_keeps_what_was_typed(
    party: Stage, browser: Browser
) -> None:
    def refuse(_: RenameParty) -> Done:
        raise PartyError("PlayStation refused that name.", "Choose another one.")

    with opened(browser, party.url()) as page:
        card = page.get_by_role("region", name="Party", exact=True)
        name = card.get_by_label("New name of the party")
        expect(card.get_by_role("heading", name="Friday raid")).to_be_visible()
        page.keyboard.press("n")
        expect(name).to_be_focused()
        expect(name).to_have_value("Friday raid")
        page.keyboard.press("Escape")
        expect(name).to_be_hidden()
        expect(card.get_by_role("button", name="Rename")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.type("   ")
        page.keyboard.press("Enter")
        expect(name).to_be_visible()  # nothing is asked for a name that is none
        party.answers["RenameParty"] = refuse
        name.fill(" Raid night ")
        page.keyboard.press("Enter")
        party.await_asked(RenameParty(name="Raid night"))
        alert = page.get_by_role("alert").filter(has_text="PlayStation refused that name.")
        expect(alert).to_contain_text("Choose another one.")
        expect(name).to_have_value(" Raid night ")
        party.answers["RenameParty"] = lambda _: Done(message="The party is called 'Raid night' now.")
        page.keyboard.press("Enter")
        expect(name).to_be_hidden()
        expect(page.get_by_role("status").filter(has_text="is called 'Raid night' now")).to_be_visible()
        party.party(2, name="Raid night")
        expect(card.get_by_role("heading", name="Raid night")).to_be_visible()
    assert not any(isinstance(asked, RenameParty) and not asked.name for asked in party.asked)


def test_who_may_join_is_said_and_changed(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page:
        page.get_by_role("button", name="Manage").click()
        doors = page.get_by_role("group", name="Who may join")
        let_in, close = (doors.get_by_role("button", name=name) for name in ("Let anybody join", "Invited people only"))
        expect(doors).to_contain_text("not known yet")
        expect(let_in).to_be_visible()
        close.click()
        party.await_asked(SetVisibility(open=False))
        party.party(2, open=False)
        expect(doors).to_contain_text("Only invited people may join.")
        expect(close).to_be_hidden()
        let_in.click()
        party.await_asked(SetVisibility(open=True))
        party.party(2, open=True)
        expect(doors).to_contain_text("Anybody may join.")
        expect(let_in).to_be_hidden()


def test_a_friend_is_followed_into_parties_and_no_longer(party: Stage, browser: Browser) -> None:
    party.publish("session", PartyState(phase="none"))
    with opened(browser, party.url()) as page:
        follow = page.get_by_role("group", name="Follow", exact=True)
        expect(follow.get_by_label("Online id to follow")).to_be_visible()
        page.keyboard.press("f")
        page.keyboard.type(" Bo-Streams ")
        page.keyboard.press("Enter")
        party.await_asked(FollowPlayer(online_id="Bo-Streams"))
        looking = Following(
            online_id="Bo-Streams",
            account_id="1001",
            state="looking",
            detail="in no party that this account may join",
            next_look_at=time.time() + 3000,
        )
        party.publish("session", looking)
        expect(follow).to_contain_text("Following Bo-Streams")
        expect(follow).to_contain_text("In no party that this account may join. Next check in")
        party.publish("session", Following(online_id="Bo-Streams", account_id="1001", state="with"))
        expect(follow).to_contain_text("In their party.")
        follow.get_by_role("button", name="Stop following").click()
        party.await_asked(FollowPlayer(online_id=""))
        party.publish("session", Following())
        expect(follow.get_by_label("Online id to follow")).to_be_visible()


def test_an_invitation_shows_up_and_is_taken(party: Stage, browser: Browser) -> None:
    invited = Invitation(session_id="s-9", from_online_id="Cleo_99", at=time.time())
    party.publish("session", Invitations(invitations=(Invitation(session_id="s-1"), invited)))
    with opened(browser, party.url()) as page:
        lines = page.get_by_role("list", name="Invitations").get_by_role("listitem")
        expect(lines).to_have_count(1)  # s-1 is where we are
        expect(lines).to_contain_text("Cleo_99 invites you to a party")
        lines.get_by_role("button", name="Join").click()
        party.await_asked(JoinParty(target="s-9"))
        party.publish("session", Invitations())
        expect(lines).to_have_count(0)


def test_whom_one_invited_is_said(party: Stage, browser: Browser) -> None:
    party.answers["InvitePeople"] = lambda asked: Invited(online_ids=asked.online_ids)
    with opened(browser, party.url()) as page:
        page.get_by_role("button", name="Manage").click()
        page.get_by_label("Online ids to invite").fill("Bo-Streams, Cleo_99")
        page.keyboard.press("Enter")
        party.await_asked(InvitePeople(online_ids=("Bo-Streams", "Cleo_99")))
        expect(page.get_by_role("status").filter(has_text="Invited Bo-Streams, Cleo_99.")).to_be_visible()
