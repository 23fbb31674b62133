"""What the foreground says, and that it says it once."""

from __future__ import annotations

from cli.pipeline.progress import Progress
from common.messages import AuthState, Following, Invitation, Invitations, MixerState, PartyState, Problem, Speaking
from tests.cli.shared.bus_states import cleared, received
from tests.support.made import BO, CLEO, ME, NOW, health, party, peer_state


def told(progress: Progress, *messages: object) -> list[str]:
    return [text for message in messages for _, text in progress.on_message(received(message))]


def problem(message: str = "There is no sound device.") -> Problem:
    return Problem(worker="audio", code="audio.no-device", message=message, remedy="Plug one in.", at=NOW)


def test_it_tells_the_way_to_the_first_voice():
    assert told(
        Progress(),
        AuthState(state="signed_in", realm="simulator", online_id="Ava-Demo"),
        party(),
        MixerState(sink="device", wanted_sink="device", where="to the sound device “pulse”"),
        peer_state(),
        Speaking(account_id="2", platform="PS5", online_id="Bo-Streams", speaking=True, at=NOW),
        peer_state(heard_s=1.0),
    ) == [
        "Signed in to the simulator as Ava-Demo.",
        "In the party “Friday raid” with Bo-Streams and Cleo_99.",
        "The sound goes to the sound device “pulse”.",
        "Bo-Streams is heard.",
    ]


def test_who_is_signed_in_and_in_no_party_is_told_how_to_join_one():
    signed_in = AuthState(state="signed_in", realm="playstation", online_id="Ava-Demo")
    assert told(Progress(), PartyState(phase="none"), signed_in) == [
        "Signed in to PlayStation Network as Ava-Demo. Join a party with `partyline join`."
    ]
    assert told(Progress(), signed_in) == ["Signed in to PlayStation Network as Ava-Demo."]


def test_a_refresh_of_the_token_is_not_news():
    progress = Progress()
    signed_in = AuthState(state="signed_in", realm="simulator", online_id="Ava-Demo")
    refreshing = AuthState(state="refreshing", realm="simulator", online_id="Ava-Demo")
    assert len(told(progress, signed_in, refreshing, signed_in)) == 1


def test_an_account_is_told_by_its_name_and_by_its_number_only_when_the_name_does_not_come():
    nameless = AuthState(state="signed_in", realm="simulator", account_id="501")
    named = AuthState(state="signed_in", realm="simulator", account_id="501", online_id="Ava-Demo")
    progress = Progress()
    assert told(progress, nameless) == []
    assert progress.poll(NOW + 1) == []
    assert told(progress, named) == ["Signed in to the simulator as Ava-Demo."]
    assert progress.poll(NOW + 60) == []
    slow = Progress()
    told(slow, nameless)
    assert slow.poll(NOW) == []
    assert slow.poll(NOW + 6) == [("good", "Signed in to the simulator as 501.")]
    assert slow.poll(NOW + 7) == []


def test_who_is_not_signed_in_is_told_how():
    assert told(Progress(), AuthState(state="signed_out", realm="playstation")) == [
        "Not signed in. Sign in with `partyline login`."
    ]


def test_who_comes_a_moment_after_the_party_is_told_with_it():
    progress = Progress()
    assert told(progress, party(ME), party(ME, BO)) == ["In the party “Friday raid” with Bo-Streams."]
    alone = Progress()
    assert told(alone, party(ME)) == []
    assert alone.poll(NOW + 1) == []
    assert alone.poll(NOW + 4) == [("good", "In the party “Friday raid” with nobody else yet.")]
    assert told(alone, party(ME, BO)) == ["Bo-Streams joined the party."]


def test_members_come_and_go():
    progress = Progress()
    told(progress, party(ME, BO))
    assert told(progress, party(ME, BO, CLEO)) == ["Cleo_99 joined the party."]
    assert told(progress, party(ME, CLEO)) == ["Bo-Streams left the party."]
    assert told(progress, PartyState(phase="none", reason="The host ended it.")) == [
        "No longer in a party: The host ended it."
    ]


def test_a_lost_connection_is_told_once_and_so_is_its_return():
    progress = Progress()
    lost = peer_state(connection="lost", detail="nothing came for 30 s")
    assert told(progress, peer_state(), lost, lost, peer_state(), peer_state()) == [
        "The connection to Bo-Streams is lost: nothing came for 30 s.",
        "The connection to Bo-Streams is back.",
    ]


def test_problems_come_with_their_remedy_and_go():
    progress = Progress()
    assert told(progress, problem(), problem()) == ["There is no sound device.", "  → Plug one in."]
    assert [text for _, text in progress.on_message(cleared(problem()))] == ["Solved: There is no sound device."]
    assert told(progress, problem()) == ["There is no sound device.", "  → Plug one in."]


def test_restarted_and_silent_workers_are_told():
    progress = Progress()
    assert told(progress, health("media"), health("media")) == []
    assert told(progress, health("media", boot="b2")) == ["media was restarted."]
    assert progress.poll(NOW + 1) == []
    assert progress.poll(NOW + 30) == [("bad", "media no longer answers.")]
    assert progress.poll(NOW + 31) == []


def test_who_connects_anew_is_told_anew():
    progress = Progress()
    told(progress, party(), peer_state(heard_s=1.0))
    progress.on_message(cleared(peer_state()))
    assert told(progress, peer_state(heard_s=0.5)) == ["Bo-Streams is heard."]


def test_whom_we_follow_is_told_when_the_search_begins_finds_fails_and_ends():
    progress = Progress()

    def bo_is(state: str, detail: str = "") -> Following:
        return Following(online_id="Bo-Streams", account_id="2", state=state, detail=detail)  # type: ignore[arg-type]

    away = bo_is("looking", "in no party that this account may join")
    later = Following(online_id="Bo-Streams", account_id="2", state="looking", detail=away.detail, next_look_at=NOW)
    assert told(progress, Following()) == []
    assert told(progress, bo_is("looking"), away, later) == [
        "Following Bo-Streams: looking for a party.",
        "Following Bo-Streams: in no party that this account may join",
    ]
    assert told(progress, bo_is("with"), bo_is("with")) == ["Following Bo-Streams: in the same party."]
    assert told(progress, away) == [
        "Following Bo-Streams: looking for a party.",
        "Following Bo-Streams: in no party that this account may join",
    ]
    assert told(progress, Following(), Following()) == ["No longer following Bo-Streams."]


def test_each_invitation_is_told_once_with_what_to_do():
    progress = Progress()
    first = Invitation(session_id="5a3d", from_online_id="Bo-Streams", at=NOW)
    second = Invitation(session_id="77c0", at=NOW + 1)
    assert told(
        progress, Invitations(), Invitations(invitations=(first,)), Invitations(invitations=(first, second))
    ) == [
        "Bo-Streams invites you. Join with `partyline join 5a3d`.",
        "Somebody invites you. Join with `partyline join 77c0`.",
    ]
    assert told(progress, Invitations(invitations=(second,))) == []
    assert len(told(progress, Invitations(invitations=(second, Invitation(session_id="5a3d", at=NOW + 9))))) == 1
