"""Whatever kind of secret hides in whatever place: it does not survive, and what belongs together still does."""

from __future__ import annotations

import contextlib
import json

import msgspec
import pytest

from captures import folder
from captures.read import har
from captures.read.live import Intake, LiveFolder
from captures.scrub.http import scrub
from common.psn.account.jwt import claims
from common.psn.miranda.frames import decode_payload
from tests.captures.planted import PLACES, SECRETS, entry, forms, jwt, payload, unfolded
from tests.captures.planted import har as har_of


def scrubbed(entries):
    found, damage = har.read(har_of(entries, "Quillon Abernethy-Vossberg"))
    assert damage == ""
    return scrub(found, "har")


def test_there_are_sixty_kinds():
    assert len(SECRETS) >= 60


@pytest.mark.parametrize("place", PLACES)
def test_no_kind_of_secret_survives_in(place):
    for kind, secret in SECRETS.items():
        capture = scrubbed([PLACES[place](secret)])
        assert capture.about.exchanges == 1
        left = "\n".join(unfolded(msgspec.json.encode(capture).decode())).casefold()
        survived = [form for form in forms(secret) if form.casefold() in left]
        assert not survived, (kind, place, survived, msgspec.json.encode(capture).decode()[:2000])


@pytest.mark.parametrize("place", PLACES)
def test_none_survives_a_live_capture_either_which_sees_each_once(place, tmp_path):
    """One capture of all kinds, each looked at as it comes."""
    files = [tmp_path / "c" / name for name in (folder.EXCHANGES, folder.FRAMES)]
    with contextlib.closing(LiveFolder(tmp_path / "c")) as into:
        intake = Intake(into)
        for kind, secret in SECRETS.items():
            before = [file.stat().st_size for file in files]
            (raw,) = har.read(har_of([PLACES[place](secret)]))[0]
            for item in intake.write(raw):
                assert item is not None
            written = "".join(file.read_text()[size:] for file, size in zip(files, before, strict=True))
            left = "\n".join(text for line in written.splitlines() for text in unfolded(line)).casefold()
            assert written
            assert not [form for form in forms(secret) if form.casefold() in left], kind


def test_an_account_is_the_same_made_up_one_in_every_writing():
    account, other = "7318264950173826495", "2938475610293847561"
    group = f"~{int(account):016x}.{int(other):016x}"
    padded = account.rjust(21, "0")
    capture = scrubbed(
        [
            entry(
                url=f"https://m.np.playstation.com/api/userProfile/v1/internal/users/{account}/profiles?accountIds={other},{account}"
            ),
            entry(
                body=json.dumps(
                    {
                        "to": {"accountId": int(account)},
                        "groupId": group,
                        "payload": payload({"type": "offer", "from": {"account_id": account}}, int(account)),
                    }
                ),
                answer=json.dumps({"access_token": jwt({"account_id": account}), "customData1": f"x\n{padded}\n"}),
            ),
        ]
    )
    first, second = capture.exchanges
    made = first.values[0]
    assert made != account
    assert len(made) == len(account)
    others, ours = first.query[0][1].split(",")
    assert ours == made
    body = second.request.body.data
    assert body["to"]["accountId"] == int(made)
    assert body["groupId"] == f"~{int(made):016x}.{int(others):016x}"
    frame = decode_payload(body["payload"])
    assert frame.sender_account_id == frame.message.sender.account_id == made
    assert claims(second.response.body.data["access_token"]).account_id == made
    assert second.response.body.data["customData1"].split("\n")[1] == made.rjust(21, "0")


def test_a_token_a_session_and_an_address_join_between_messages():
    token, session = "vK9mQ2xR7tL4pN8wZ3bY6cF1dG5hJ0sA", "4b7e91d2-08c5-4a36-9f1b-c3d75e208a64"
    capture = scrubbed(
        [
            entry(
                answer=json.dumps(
                    {"access_token": token, "fqdn": "93-184-216-119-pushcl.np.communication.playstation.net"}
                )
            ),
            entry(
                url=f"https://93-184-216-119-pushcl.np.communication.playstation.net/np/{session}",
                headers=[{"name": "Authorization", "value": f"Bearer {token}"}],
                body=json.dumps({"sessionId": session, "ip": "93.184.216.119"}),
            ),
        ]
    )
    first, second = capture.exchanges
    assert second.request.headers[0][1] == f"Bearer {first.response.body.data['access_token']}"
    assert second.host == first.response.body.data["fqdn"]
    assert second.host.startswith(second.request.body.data["ip"].replace(".", "-"))
    assert second.values == (second.request.body.data["sessionId"],)


def test_two_scrubbings_make_up_different_values():
    place = PLACES["JSON"]("Zorblax-Quux77")
    assert scrubbed([place]).exchanges[0].request.body != scrubbed([place]).exchanges[0].request.body


def test_other_hosts_are_left_out_and_counted():
    capture = scrubbed([entry(url="https://mail.example/secret"), entry(url="https://evil-playstation.com/x"), entry()])
    assert (capture.about.exchanges, capture.about.other_hosts) == (1, 2)
