"""A capture answers as it was recorded, and what our client does otherwise is told."""

from __future__ import annotations

import json
import math

import msgspec
import pytest

from captures import folder
from captures.model import Body, Capture
from captures.read import har
from captures.replay.choose import Aliases, Replay, at_home
from captures.scrub.http import scrub
from captures.tell.compare import compare, notes
from cli import __main__ as entry_point
from cli.capture import compare as capture_compare
from common.psn.miranda.frames import decode_payload
from tests.captures.planted import entry, payload
from tests.captures.planted import har as har_of
from tests.conftest import WIRE

M = "https://m.np.playstation.com/api/sessionManager/v2/partySessions"
SESSION, CONTEXT = "4b7e91d2-08c5-4a36-9f1b-c3d75e208a64", "0d9a1c55-6f1e-4f0b-a9b3-2f7f2f0d8c11"
SDP = (WIRE / "p2p-offer.sdp").read_text()
JOIN = f"POST {'/api/sessionManager/v2/partySessions/{session_id}/members'}"
MESSAGE = "POST /api/sessionManager/v2/partySessions/{session_id}/customMessage"
OFFER = {"type": "offer", "from": {"account_id": "7318264950173826495", "platform": 100001}, "sdp": SDP}


def header(name, value):
    return {"name": name, "value": value}


def join(*headers, **more):
    member = {"accountId": "me", "platform": "me", "pushContexts": [{"contextId": CONTEXT}], **more}
    return entry(
        url=f"{M}/{SESSION}/members", headers=[header("x-psn-app-ver", "26.1.0"), *headers],
        body=json.dumps({"members": [member]}), answer=json.dumps({"sessionId": SESSION}),
    )  # fmt: skip


def said(content, channel="miranda:12"):
    body = {"channel": channel, "payload": payload(content, 7318264950173826495)}
    return entry(url=f"{M}/{SESSION}/customMessage", body=json.dumps(body))


def leave():
    return entry(method="DELETE", url=f"{M}/{SESSION}/members/me")


def later(some, by_s=10.0):
    """Return HAR entries one after the other, `by_s` seconds apart."""
    return [{**one, "startedDateTime": f"2026-11-26T10:{int(n * by_s) // 60:02}:{n * by_s % 60:06.3f}Z"}
            for n, one in enumerate(some)]  # fmt: skip


def capture(*entries, by_s=10.0) -> Capture:
    return scrub(har.read(har_of(later(entries, by_s)))[0], "har")


APP = (join(), said(OFFER), leave())


def test_the_same_calls_are_no_difference_whatever_their_ids():
    assert compare(capture(*APP), capture(*APP, by_s=3.0)) == []


def differing(*entries, by_s=10.0):
    return [(d.call, d.what, d.app, d.ours) for d in compare(capture(*APP), capture(*entries, by_s=by_s))]


OTHERS = {
    "a call is missing": (
        (join(), said(OFFER)),
        (f"DELETE {JOIN.split()[1]}/me", "call that we do not make", "1 times", ""),
    ),
    "a call too many": (
        (*APP, entry(method="GET", url=M)),
        ("GET /api/sessionManager/v2/partySessions", "call that the app does not make", "", "1 times"),
    ),
    "an act twice": ((join(), *APP), (JOIN, "how often", "1", "2")),
    "another order": (
        (leave(), join(), said(OFFER)),
        (f"DELETE {JOIN.split()[1]}/me", "order", f"after {JOIN}", "before it"),
    ),
    "a header too many": (
        (join(header("X-PSN-Sampled", "0")), *APP[1:]),
        (JOIN, "header that the app does not send", "", "x-psn-sampled"),
    ),
    "another field": (
        (join(voiceChatActivated=True), *APP[1:]),
        (JOIN, "field that the app does not send", "", "members[].voiceChatActivated"),
    ),
    "another value": (
        (join(platform="PS5"), *APP[1:]),
        (JOIN, "value of field members[].platform", '"me", text', '"PS5", text'),
    ),
    "another channel": (
        (APP[0], said(OFFER, "miranda:13"), APP[2]),
        ("messages between members", "value of field channel", "miranda:12", "miranda:13"),
    ),
    "another codec": (
        (APP[0], said({**OFFER, "sdp": SDP.replace("opus/16000", "opus/48000")}), APP[2]),
        ("SDP of offers", "value of line audio rtpmap"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", OTHERS)
def test_what_we_do_otherwise_is_told(what):
    entries, expected = OTHERS[what]
    found = differing(*entries)
    assert [some for some in found if some[: len(expected)] == expected], found


def test_a_slower_poll_is_another_pace_and_jitter_is_none():
    polls = [entry(method="GET", url=M)] * 4
    (told,) = compare(capture(*polls, by_s=10), capture(*polls, by_s=30))
    assert (told.what, told.app, told.ours) == ("pace", "every 10.0 s", "every 30.0 s")
    assert compare(capture(*polls, by_s=10), capture(*polls, by_s=12)) == []


def test_who_offers_is_a_note_and_no_difference():
    ours = capture(join(), said({**OFFER, "type": "answer"}), leave())
    assert compare(capture(*APP), ours) == []
    assert notes(capture(*APP), ours) == ["The app sent offers, we answers: who offers depends on who is faster."]


# --- the replay -------------------------------------------------------------------------------------


def ask(replay, method, path, body=None):
    return replay.answer("mobile", method, path, [], body)


def test_answers_come_in_order_and_the_last_one_again():
    name = f"{M.partition('.com')[2]}?view=v3"
    answers = [entry(method="GET", url=M, answer=json.dumps({"total": n})) for n in (1, 2)]
    replay = Replay(capture(*answers))
    got = [ask(replay, "GET", name) for _ in range(3)]
    assert [exchange.response.body.data["total"] for exchange in got] == [1, 2, 2]
    assert ask(replay, "GET", "/api/unknown") is None
    assert ask(replay, "DELETE", f"{M.partition('.com')[2]}/x/members/me") is None


def test_a_call_of_the_apps_is_lacking_until_it_is_made():
    replay, path = Replay(app := capture(*APP)), M.partition(".com")[2]
    first, end = app.exchanges[0], app.exchanges[-1]
    assert len(replay.lacks(end.at)) == len(APP) - 1
    assert ask(replay, "POST", f"{path}/{first.values[0]}/members", {}) == first
    assert first not in replay.lacks(end.at + 1.0)
    assert end in replay.lacks(end.at + 1.0)
    assert Replay(capture(entry(method="GET", url=M))).lacks(math.inf) == []


def test_what_the_client_makes_up_takes_the_place_of_what_the_app_made_up():
    app = capture(join())
    replay = Replay(app)
    recorded = app.exchanges[0].request.body.data["members"][0]["pushContexts"][0]["contextId"]
    path = f"{M.partition('.com')[2]}/{app.exchanges[0].values[0]}/members"
    body = {"members": [{"accountId": "me", "pushContexts": [{"contextId": "our-own-context-1"}]}]}
    assert ask(replay, "POST", path, body) is not None
    event = {"contexts": [{"contextId": recorded, "sequenceNumber": 1}]}
    assert replay.aliases.apply(event) == {"contexts": [{"contextId": "our-own-context-1", "sequenceNumber": 1}]}


def test_no_description_leads_anywhere_but_to_this_machine():
    scrubbed = capture(said(OFFER))
    sent = Aliases().apply(scrubbed.exchanges[0].request.body.data)
    sdp = decode_payload(sent["payload"]).message.sdp
    candidates = [line.split() for line in sdp.splitlines() if line.startswith("a=candidate")]
    assert candidates
    assert {(parts[4], parts[5]) for parts in candidates} == {("127.0.0.1", "9")}
    assert at_home(sdp) == sdp


def test_push_messages_wait_for_the_act_before_them():
    frames = [{"type": "receive", "time": 1795687215.0, "opcode": 1, "data": '{"method":3001}'}]
    socket = entry(
        method="GET", url="https://203-0-113-220-pushcl.np.communication.playstation.net/np/pushNotification",
        frames=frames,
    )  # fmt: skip
    socket["response"]["status"] = 101
    app = capture(socket, join())
    frame = msgspec.structs.replace(app.frames[0], at=app.exchanges[1].at + app.exchanges[1].took + 2.0)
    early = msgspec.structs.replace(frame, at=3.0, body=Body(kind="json", data={}))
    replay = Replay(msgspec.structs.replace(app, frames=(early, frame)))
    opened = replay.socket()
    first, second = replay.due(opened)
    assert (first.after, second.after) == (None, app.exchanges[1].n)
    assert second.delay_s == pytest.approx(2.0)
    assert replay.socket() is None


def test_the_command_shows_a_difference_call_by_call_and_exits_with_1(tmp_path, capsys, monkeypatch):
    folder.write(tmp_path / "c", capture(*APP))

    async def ours(_):
        return capture(join(header("X-PSN-Sampled", "0")), *APP[1:]), []

    monkeypatch.setattr(capture_compare, "_ours", ours)
    assert entry_point.main(["capture", "compare", str(tmp_path / "c")]) == 1
    out, err = capsys.readouterr()
    title, head, row = out.splitlines()[:3]
    assert (title, head.split()) == (JOIN, ["WHAT", "THE", "APP", "WE"])
    assert row.split() == [*["header", "that", "the", "app", "does", "not", "send", "-"], "x-psn-sampled"]
    assert err.splitlines()[0] == "Our client differs from the capture in 1 thing."
    assert entry_point.main(["capture", "compare", str(tmp_path / "c"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["differences"][0]["ours"] == "x-psn-sampled"


def test_a_capture_without_a_sign_in_cannot_be_compared_and_says_so(tmp_path, capsys):
    (tmp_path / "a.har").write_text(har_of(list(APP)))
    assert entry_point.main(["capture", "scrub", str(tmp_path / "a.har"), "--out", str(tmp_path / "c")]) == 0
    capsys.readouterr()
    assert entry_point.main(["capture", "compare", str(tmp_path / "c")]) == 1
    assert "no sign-in" in capsys.readouterr().err
