"""Bodies and signatures: what a receiver gets, and that no member's name can do anything in a channel."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Checker
from standardwebhooks import WebhookVerificationError

from integrations.webhooks.bodies import LONGEST_LINE, MOST_LINES, batch, body, headers
from integrations.webhooks.occurrences import HookEvent

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
JOINED = HookEvent("member.joined", 1_700_000_000.25, {"member": {"name": "Bo"}}, "Bo joined.", ("9", "Bo"))


def test_json_says_what_and_when() -> None:
    assert json.loads(body("json", [JOINED])) == {
        "type": "member.joined",
        "timestamp": "2023-11-14T22:13:20.250Z",
        "data": {"member": {"name": "Bo"}},
    }
    assert json.loads(body("json", [JOINED], dropped=3))["dropped"] == 3


def test_a_receiver_can_check_the_signature_with_the_standard_s_library() -> None:
    content = body("json", [JOINED])
    sent = headers("msg_1", content, SECRET, time.time())
    assert Checker(SECRET).verify(content, sent) == json.loads(content)
    with pytest.raises(WebhookVerificationError):
        Checker(SECRET).verify(content + b" ", sent)
    with pytest.raises(WebhookVerificationError):
        Checker(SECRET).verify(content, {**sent, "webhook-id": "msg_2"})
    with pytest.raises(WebhookVerificationError):
        Checker("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx").verify(content, sent)


def test_the_signature_is_that_of_the_standard_s_own_example() -> None:
    """The vector of the Standard Webhooks libraries' tests."""
    found = headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1614265330
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert found["webhook-timestamp"] == "1614265330"


def test_without_a_secret_nothing_is_signed() -> None:
    sent = headers("msg_1", b"{}", "", 5.9)
    assert "webhook-signature" not in sent
    assert (sent["webhook-id"], sent["webhook-timestamp"]) == ("msg_1", "5")


def said(words: str) -> HookEvent:
    return HookEvent("member.joined", 0.0, {}, words)


def test_a_name_mentions_nobody_in_a_channel_of_discord() -> None:
    sent = json.loads(body("discord", [said("**@everyone** <@&1> [x](http://y) joined.\n# big")], 2))
    assert sent["allowed_mentions"] == {"parse": []}
    assert sent["content"] == (
        "(2 earlier events were not sent.)\n"
        r"\*\*\@everyone\*\* \<\@&1\> \[x\]\(http\://y\) joined. \# big"
    )  # fmt: skip


def test_a_name_mentions_nobody_in_a_channel_of_slack() -> None:
    assert json.loads(body("slack", [said("<!channel> & <http://x|y> joined.")])) == {
        "text": "&lt;!channel&gt; &amp; &lt;http://x|y&gt; joined."
    }


def test_channels_get_several_events_in_one_message() -> None:
    assert (batch("json"), batch("discord"), batch("slack")) == (1, MOST_LINES, MOST_LINES)
    assert json.loads(body("slack", [said("A."), said("B.")]))["text"] == "A.\nB."


@given(st.lists(st.text(max_size=400), min_size=1, max_size=MOST_LINES))
def test_discord_takes_it_whatever_members_call_themselves(words: list[str]) -> None:
    content = json.loads(body("discord", [said(one) for one in words], dropped=999_999_999))["content"]
    assert len(content) <= 2000
    lines = content.split("\n")
    assert len(lines) == len(words) + 1
    assert all(len(line) <= LONGEST_LINE for line in lines)
