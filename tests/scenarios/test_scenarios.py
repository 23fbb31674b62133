"""What breaks in practice, and what partyline makes of it: each row is set off in a party of real processes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import pytest
import pytest_asyncio

from common.config.tables import Settings
from common.log import logs
from common.messages import PartyState
from tests.scenarios import seen, seen_voices
from tests.scenarios.stage import Stage, staged

JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+")

pytestmark = [pytest.mark.realtime, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with staged() as made:
        yield made


@dataclass(frozen=True)
class Row:
    """A scenario of the simulator (empty: none), what is done and seen, and what must survive it."""

    scenario: str
    seen: Callable[[Stage], Awaitable[None]]
    name: str = ""
    survives: bool = True
    """The membership; it is the same one all along."""
    voice: Literal["kept", "back"] = "kept"
    """``kept``: nobody's voice was lost meanwhile; ``back``: all are heard afterwards."""

    @property
    def id(self) -> str:
        return self.name or self.scenario


ROWS = (
    Row("storms", seen.nobody_notices),
    Row("cut", seen.nobody_notices),
    Row("slow", seen.nobody_notices),
    Row("outage", seen.an_outage_is_told_and_taken_back),
    Row("not-json", seen.one_answer_is_lost),
    Row("rate-limited", seen.it_is_waited_for),
    Row("rate-limited-next-available", seen.it_is_waited_for),
    Row("rate-limited-bare", seen.it_says_wait),
    Row("blocked", seen.nothing_is_called_while_we_are_blocked),
    Row("push-dropped", seen.the_channel_comes_back("code 1001")),
    Row("close-4101", seen.the_channel_comes_back("code 4101")),
    Row("close-65535", seen.the_channel_comes_back("code 65535")),
    Row("pong-lost", seen.the_channel_comes_back("No answer to the keep-alive")),
    Row("push-half-open", seen.the_channel_comes_back("No answer to the keep-alive")),
    Row("pongs-late", seen.the_table_stays_true),
    Row("event-lost", seen.the_table_stays_true),
    Row("push-away", seen.a_channel_that_stays_away_is_told),
    Row("push-refused-3.0", seen.the_older_protocol_stands_in),
    Row("events-shuffled", seen.the_table_stays_true),
    Row("events-doubled", seen.the_table_stays_true),
    Row("v1-names", seen.the_table_stays_true),
    Row("tokens-expired", seen.a_renewal_is_all_it_takes),
    Row("short-tokens", seen.tokens_are_renewed_as_they_end),
    Row("refresh-500s", seen.nobody_notices),
    Row("code-used", seen.the_sign_in_says("invalid_grant")),
    Row("signed-out", seen.the_sign_in_says("did not accept the NPSSO"), "npsso-expired"),
    Row("message-refused", seen.sonys_words_are_told),
    Row("", seen_voices.a_clock_that_jumps_is_not_noticed, "clock-jump"),
    Row("", seen.it_comes_back("auth"), "auth-killed"),
    Row("", seen.it_comes_back("signaling"), "signaling-killed"),
    Row("", seen.it_comes_back("session"), "session-killed"),
    Row("", seen.it_comes_back("broker"), "broker-killed"),
    Row("", seen_voices.audio_is_back, "audio-killed", voice="back"),
    Row("", seen_voices.a_voice_is_back("answer"), "media-killed", voice="back"),
    Row("", seen_voices.a_voice_is_back("glare"), "glare", voice="back"),
    Row("", seen_voices.a_voice_is_back("late"), "late-answer", voice="back"),
    Row("", seen_voices.a_new_offer_takes_no_voice_away, "re-offer", voice="back"),
    Row("", seen_voices.a_silent_peer_is_named_and_heard_when_it_answers, "silent-peer", voice="back"),
    Row("", seen_voices.a_bridge_is_heard_for_whom_is_not_reached_and_nobody_twice, "bridge-gone", voice="back"),
    Row("", seen_voices.we_return_into_the_membership_that_was_left_behind, "crash-and-return", voice="back"),
    Row("session-revoked", seen.the_account_is_told("psn.unauthorized-revoked")),
    Row("app-too-old", seen.the_account_is_told("psn.refused-app-too-old")),
    Row("view-unreadable", seen.unread("view-unreadable"), survives=False, voice="back"),
    Row("view-refused", seen.unread("view-refused"), survives=False, voice="back"),
    Row("leave-500s", seen.a_leave_is_finished_in_any_case, survives=False, voice="back"),
    Row("join-refused", seen.the_refusal_is_told_and_nothing_is_left_behind, survives=False, voice="back"),
    Row("", seen.being_taken_out_is_said, "kicked", survives=False, voice="back"),
    Row("refresh-refused", seen.a_new_sign_in_is_asked_for_and_heals),
    Row("sign-in-429", seen.the_sign_in_says("too many requests")),
    Row("", seen.a_full_party_is_said_to_be_full, "party-full", survives=False, voice="back"),
    Row("", seen.the_end_of_the_party_is_said, "party-ended", survives=False, voice="back"),  # last: there is no other
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_scenario(stage: Stage, row: Row, may_try_again: Callable[[], bool]) -> None:
    while not (kept := await _play(stage, row)) and may_try_again():
        continue
    assert kept, "more of the voices was lost than in quiet times"


async def _play(stage: Stage, row: Row) -> bool:
    """Play a scenario; return whether the voices were kept, where they had to be."""
    await stage.begin()  # with everybody heard: so what came before is whole again
    if row.scenario:
        await stage.set_off(row.scenario)
    await row.seen(stage)
    await stage.calm()
    kept = row.voice == "back" or await stage.no_voice_lost()
    if row.survives:
        await stage.survived()
    return kept


async def test_nothing_that_was_sent_all_along_broke_a_rule(stage: Stage) -> None:
    assert await stage.rig.control("violations") == []
    assert {state.phase for state in stage.rig.all(PartyState)} <= {"none", "joining", "joined", "leaving"}


async def test_no_secret_lies_anywhere_but_in_its_own_folder(stage: Stage) -> None:
    psn = Settings().psn
    files = [
        file for file in stage.rig.home.rglob("*") if file.is_file() and stage.rig.paths.secrets not in file.parents
    ]
    texts = {
        file: file.read_bytes().decode("utf-8", "replace") for file in files if file != stage.rig.paths.simulator_file
    }
    assert stage.rig.paths.trace_file in texts
    assert any("refused" in text for text in texts.values())
    for file, text in texts.items():
        assert stage.info["npsso"] not in text, file
        assert psn.client_secret not in text, file
        assert not JWT.search(text), file
        assert "ice-pwd:" not in text.replace(f"ice-pwd:{logs.HIDDEN}", ""), file
