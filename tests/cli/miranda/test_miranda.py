"""`partyline miranda` on what people paste."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.miranda.pasted import read
from cli.miranda.view import Shown, as_json, as_text
from cli.shared.failures import FAILED, OK, USAGE, CommandError
from cli.shared.terminal import Style
from tests.cli.test_command_line import run
from tests.conftest import WIRE

PASSWORD = "inventedPwd000000000001"
REQUEST = (WIRE / "custom-message-offer.request.json").read_text()
PAYLOAD = json.loads(REQUEST)["payload"]
BODY = PAYLOAD.partition("body=")[2]
FRAME = base64.b64decode(BODY)
SDP = (WIRE / "p2p-offer.sdp").read_bytes().decode()
MESSAGE = (WIRE / "miranda-offer.json").read_text()


def decoded(capsys, what, *more):
    code, out, err = run(capsys, "miranda", "decode", what, "--json", *more)
    assert (code, err) == (OK, "")
    return json.loads(out)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (PAYLOAD, "a payload"),
        (f"  2026-11-01 sent [{PAYLOAD}]", "a payload"),
        (BODY, "base64"),
        (BODY[:1000] + "\n" + BODY[1000:], "base64"),
        (FRAME.hex(), "hex"),
        (FRAME.hex(" "), "hex"),
        (FRAME.hex(":").upper(), "hex"),
        (REQUEST, "a customMessage request"),
        (json.dumps(PAYLOAD), "a payload"),
        (json.dumps({"log": [{"request": json.loads(REQUEST)}]}), "a customMessage request"),
    ],
)
def test_a_frame_is_recognised_in_every_dress(capsys, text, kind):
    found = decoded(capsys, text)
    assert found["kind"] == kind
    assert len(found["header"]) == 9
    assert found["message"]["from"]["account_id"] == "1234567890123456789"
    assert found["message"]["to"] == {"account_id": "3456789012345678901", "platform": 5}
    assert found["dialect"] == {"kind": "offer", "flavour": "peer", "findings": []}
    assert found["wrong"] == []


def test_a_push_event_tells_what_is_around_the_frame(capsys):
    found = decoded(capsys, str(WIRE / "push-custom-message.json"))
    assert found["kind"] == "a push event"
    assert found["around"] == {
        "channel": "miranda:12",
        "to": "1234567890123456789/MOBILE_APP",
        "from": "2345678901234567890/MOBILE_APP",
        "dataType": "psn:sessionManager:sys:v2:ps:customMessage:noSeq:created",
    }
    assert found["dialect"]["kind"] == "answer"
    assert found["wrong"] == []


@pytest.mark.parametrize("text", [SDP, SDP.replace("\r\n", "\\r\\n"), SDP.replace("\r\n", "\n")])
def test_sdp_alone_becomes_a_table_of_its_lines(capsys, text):
    lines = decoded(capsys, text)["sdp"]
    assert [entry["line"] for entry in lines][:4] == SDP.split("\r\n")[:4]
    assert [entry["section"] for entry in lines if entry["line"].startswith("m=")] == ["audio", "application"]
    assert len(lines) == len(SDP.split("\r\n")) - 1


def test_sdp_in_json_is_found_wherever_it_is(capsys):
    found = decoded(capsys, json.dumps({"peer": {"peerId": "x", "offer": {"sdp": SDP}}}))
    assert found["kind"] == "SDP in JSON"
    assert found["header"] is None


def test_it_prints_offset_value_meaning_and_grade_and_takes_standard_input(home):
    result = home.run("miranda", "decode", stdin=REQUEST)
    assert result.code == OK
    for words in (
        "44",
        "sender_account_id",
        "1234567890123456789",
        "[read]",
        "[open]",
        "no difference from the app",
        "a=setup",
    ):
        assert words in result.out


@pytest.mark.parametrize("what", [REQUEST, MESSAGE, SDP, PAYLOAD])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_passwords_are_hidden_unless_asked_for(capsys, what, form):
    assert PASSWORD not in run(capsys, "miranda", "decode", what, *form)[1]
    assert PASSWORD in run(capsys, "miranda", "decode", what, *form, "--secrets")[1]


def test_tokens_are_hidden_too(capsys):
    message = json.loads(MESSAGE) | {"note": "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln", "accessToken": "abcdefgh"}
    out = run(capsys, "miranda", "decode", json.dumps(message))[1]
    assert "eyJ" not in out
    assert "abcdefgh" not in out


def test_what_does_not_fit_together_is_said(capsys):
    message = json.loads(MESSAGE)
    message["from"]["account_id"] = "7"
    rest = b"1/1/1\n" + json.dumps(dict(reversed(message.items()))).encode()
    body = FRAME[:40] + len(rest).to_bytes(4, "little") + rest
    request = json.loads(REQUEST) | {
        "channel": "other:1",
        "payload": f"ver=1.0, type=binary, body={base64.b64encode(body).decode()}",
    }
    request["to"][0]["platform"] = "PS4"
    wrong = " ".join(decoded(capsys, json.dumps(request))["wrong"])
    for words in ("another sender", "'to'", "channel", "alphabetical"):
        assert words in wrong


@pytest.mark.parametrize(
    ("body", "word"), [(FRAME[:700], "length field"), (FRAME[:30], "too short"), (b"\x09" + FRAME[1:], "begins with")]
)
def test_a_damaged_frame_is_still_taken_apart_and_what_is_wrong_is_said(capsys, body, word):
    found = decoded(capsys, f"ver=1.0, type=binary, body={base64.b64encode(body).decode()}")
    assert found["header"][0]["name"] == "version"
    assert any(word in text for text in found["wrong"])


NOTHING_KNOWN = {
    "empty": "",
    "words": "hello there",
    "another push frame": '{"method": 1003}',
    "endless JSON": "[" * 100_000,
    "deep JSON": '{"a":' * 100 + "1" + "}" * 100,
    "short base64": "AQ==",
    "broken base64": "ver=1.0, type=binary, body=A",
}


@pytest.mark.parametrize("what", NOTHING_KNOWN.values(), ids=NOTHING_KNOWN)
def test_what_is_nothing_known_is_two_lines(capsys, what):
    code, out, err = run(capsys, "miranda", "decode", what)
    assert (code, out) == (FAILED, "")
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["decode", "--frob"],
        ["diff", "a"],
        ["encode", "x", "--sender", "Bo"],
        ["encode", "x", "--counter", "-1"],
        ["diff", "-", "-"],
    ],
)
def test_what_is_not_understood_is_a_usage_error(capsys, words):
    code, _, err = run(capsys, "miranda", *words)
    assert code == USAGE
    assert len(err.splitlines()) == 2


@given(
    st.text(max_size=200)
    | st.binary(max_size=200).map(lambda raw: "ver=1.0, type=binary, body=" + base64.b64encode(raw).decode())
)
def test_any_paste_is_shown_or_refused(text):
    try:
        found = read(text)
    except CommandError:
        return
    lines = as_text(found, Style(on=False), Shown(secrets=False))
    assert all(line.isprintable() for line in lines)
    json.dumps(as_json(found, Shown(secrets=False)))


# --- encode ------------------------------------------------------------------------------------------


def test_a_captured_message_is_built_byte_for_byte(capsys):
    assert run(capsys, "miranda", "encode", MESSAGE)[1] == PAYLOAD + "\n"
    assert run(capsys, "miranda", "encode", MESSAGE, "--as", "base64")[1] == BODY + "\n"
    assert run(capsys, "miranda", "encode", MESSAGE, "--as", "hex")[1] == FRAME.hex() + "\n"
    assert json.loads(run(capsys, "miranda", "encode", MESSAGE, "--as", "request")[1]) == json.loads(REQUEST)


def test_another_sender_stands_in_the_header_and_in_the_json(capsys):
    made = run(capsys, "miranda", "encode", MESSAGE, "--sender", "42/PS5", "--to", "43/PS4", "--counter", "9")[1]
    found = decoded(capsys, made)
    header = {field["name"]: field["value"] for field in found["header"]}
    assert (header["sender_account_id"], header["sender_platform"], header["counter"]) == ("42", "5", "9")
    assert (found["message"]["from"], found["message"]["to"]["account_id"]) == (
        {"account_id": "42", "platform": 5},
        "43",
    )
    assert found["wrong"] == []


def test_sdp_becomes_a_whole_message(capsys):
    words = ["--sender", "1234567890123456789", "--to", "3456789012345678901/PS5", "--global-seq", "58"]
    assert run(capsys, "miranda", "encode", str(WIRE / "p2p-offer.sdp"), *words)[1] == PAYLOAD + "\n"
    assert run(capsys, "miranda", "encode", SDP)[0] == USAGE


# --- diff and lint -----------------------------------------------------------------------------------


def differences(capsys, left, right):
    code, out, err = run(capsys, "miranda", "diff", left, right, "--json")
    assert err == ""
    found = json.loads(out)
    assert code == (FAILED if found else OK)
    return found


def test_the_same_frame_in_two_dresses_does_not_differ(capsys):
    assert differences(capsys, FRAME.hex(), REQUEST) == []
    assert run(capsys, "miranda", "diff", PAYLOAD, BODY) == (OK, "No difference.\n", "")


def test_order_counts_only_where_it_matters(capsys):
    lines = SDP.split("\r\n")
    first, second = (place for place, line in enumerate(lines) if line.startswith("a=candidate") and place < 14)
    lines[first], lines[second] = lines[second], lines[first]
    message = json.loads(MESSAGE)
    message["users"].append({"account_id": "5", "platform": 5})
    turned = json.loads(json.dumps(message)) | {"users": message["users"][::-1], "sdp": "\r\n".join(lines)}
    assert differences(capsys, json.dumps(message), json.dumps(dict(reversed(turned.items())))) == []
    preferring_red = SDP.replace("SAVPF 96 63", "SAVPF 63 96")
    assert [found["where"] for found in differences(capsys, SDP, preferring_red)] == ["audio"]


def test_a_difference_is_told_at_its_place_in_each_layer(capsys):
    message = json.loads(MESSAGE) | {"global_seq_num": 59, "sdp": SDP.replace("a=ptime:40", "a=ptime:20")}
    other = run(capsys, "miranda", "encode", json.dumps(message), "--counter", "2")[1]
    assert differences(capsys, PAYLOAD, other) == [
        {"part": "header", "where": "counter", "left": "1", "right": "2"},
        {"part": "json", "where": "global_seq_num", "left": "58", "right": "59"},
        {"part": "sdp", "where": "audio", "left": "a=ptime:40", "right": "a=ptime:20"},
    ]
    assert "- a=ptime:40\n  + a=ptime:20" in run(capsys, "miranda", "diff", PAYLOAD, other)[1]


def test_another_password_is_a_difference_but_is_not_shown(capsys):
    other = SDP.replace(PASSWORD, "anotherPwd000000000000009")
    code, out, _ = run(capsys, "miranda", "diff", SDP, other)
    assert code == FAILED
    assert "ice-pwd:[hidden] (one)" in out
    assert "Pwd00" not in out
    assert PASSWORD in run(capsys, "miranda", "diff", SDP, other, "--secrets")[1]


def test_lint_exits_with_1_on_a_warning_but_not_on_a_note(capsys):
    assert run(capsys, "miranda", "lint", REQUEST)[0] == OK
    code, out, _ = run(capsys, "miranda", "lint", SDP.replace("ptime:40", "ptime:20"))
    assert code == FAILED
    assert "warning" in out
    assert run(capsys, "miranda", "lint", SDP.replace("\r\n", "\n"))[0] == OK
    assert json.loads(run(capsys, "miranda", "lint", SDP, "--json")[1])["findings"] == []
    assert run(capsys, "miranda", "lint", "AQAAAA" + BODY[6:80])[0] == FAILED
