"""What Sony's servers do in practice, and what partyline makes of it: each row in a party of real processes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scenarios import seen
from tests.scenarios.rows import Row, no_rule_was_broken, no_secret_lies_about, play
from tests.scenarios.stage import Stage

pytestmark = [pytest.mark.realtime, pytest.mark.asyncio(loop_scope="module")]

ROWS = (
    # first: auth forces only a few refreshes within two minutes, and the last rows need them
    Row("session-revoked", seen.the_account_is_told("psn.unauthorized-revoked")),
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
    Row("app-too-old", seen.the_account_is_told("psn.refused-app-too-old")),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_scenario(stage: Stage, row: Row, may_try_again: Callable[[], bool]) -> None:
    await play(stage, row, may_try_again)


async def test_nothing_that_was_sent_all_along_broke_a_rule(stage: Stage) -> None:
    await no_rule_was_broken(stage)


async def test_no_secret_lies_anywhere_but_in_its_own_folder(stage: Stage) -> None:
    await no_secret_lies_about(stage)
