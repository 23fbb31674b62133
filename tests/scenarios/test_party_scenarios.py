"""What ends, comes back or is taken away in a party of real processes, and what partyline makes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scenarios import seen, seen_voices
from tests.scenarios.rows import Row, no_rule_was_broken, no_secret_lies_about, play
from tests.scenarios.stage import Stage

pytestmark = [pytest.mark.realtime, pytest.mark.asyncio(loop_scope="module")]

ROWS = (
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
    Row("view-unreadable", seen.unread("view-unreadable"), survives=False, voice="back"),
    Row("view-refused", seen.unread("view-refused"), survives=False, voice="back"),
    Row("leave-500s", seen.a_leave_is_finished_in_any_case, survives=False, voice="back"),
    Row("join-refused", seen.the_refusal_is_told_and_nothing_is_left_behind, survives=False, voice="back"),
    Row("", seen.being_taken_out_is_said, "kicked", survives=False, voice="back"),
    # here, since auth forces only a few refreshes within some minutes, and the other module needs them
    Row("refresh-refused", seen.a_new_sign_in_is_asked_for_and_heals),
    Row("sign-in-429", seen.the_sign_in_says("too many requests")),
    Row("", seen.a_full_party_is_said_to_be_full, "party-full", survives=False, voice="back"),
    Row("", seen.the_end_of_the_party_is_said, "party-ended", survives=False, voice="back"),  # last: there is no other
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_scenario(stage: Stage, row: Row, may_try_again: Callable[[], bool]) -> None:
    await play(stage, row, may_try_again)


async def test_nothing_that_was_sent_all_along_broke_a_rule(stage: Stage) -> None:
    await no_rule_was_broken(stage)


async def test_no_secret_lies_anywhere_but_in_its_own_folder(stage: Stage) -> None:
    await no_secret_lies_about(stage)
