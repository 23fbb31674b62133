"""What is done with one talker's voice, below the row's numbers, and the delay of all of them, in a real Chromium."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from common.messages import PlayoutDelay, TalkerProcessing
from common.requests import SetTalkerProcessing
from tests.workers.dashboard.stage import Stage, member
from tests.workers.dashboard.window import opened

BO = member(1)


def test_a_voice_is_processed_by_clicks_and_what_is_on_is_shown(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page:
        row = page.get_by_role("group", name="Bo-Streams")
        row.locator("button.word").click()
        row.get_by_label("Gate", exact=True).check()
        party.await_asked(SetTalkerProcessing(peer=BO.peer, gate_db=-45))
        row.get_by_label("Suppress noise").check()
        party.await_asked(SetTalkerProcessing(peer=BO.peer, gate_db=-45, suppress=True))
        row.get_by_label("Sounds").select_option("dull")
        party.await_asked(SetTalkerProcessing(peer=BO.peer, gate_db=-45, suppress=True, eq="dull"))
        row.get_by_role("slider", name="Place between left and right").fill("-0.5")
        party.await_asked(SetTalkerProcessing(peer=BO.peer, gate_db=-45, suppress=True, eq="dull", pan=-0.5))
        expect(row).to_contain_text("50 % left")
        shown = {"processing": TalkerProcessing(suppress=True, eq="boomy", pan=1.0), "processing_ms": 30.0}
        party.mixer((BO,), **{BO.peer: shown})
        expect(row.get_by_label("Sounds")).to_have_value("boomy")
        expect(row.get_by_label("Gate", exact=True)).not_to_be_checked()
        expect(row.get_by_role("slider", name="Threshold of the gate")).to_be_hidden()
        expect(row).to_contain_text("Heard 30 ms later, in the mix alone.")
        expect(row.get_by_role("slider", name="Place between left and right")).to_have_value("1")
        party.mixer((BO,), mix={"no_suppression": "Noise suppression is not installed."}, **{BO.peer: shown})
        expect(row).to_contain_text("Noise suppression is not installed.")


def test_the_page_says_what_the_delay_is_for_and_who_waits_for_longer(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page:
        card = page.get_by_role("region", name="Sound")
        party.publish("media", PlayoutDelay(latency="balanced"))
        expect(card).to_contain_text("Delay “balanced”, for talking and being recorded")
        party.publish("media", PlayoutDelay(latency="steady", common_ms=120, changes=1))
        expect(card).to_contain_text("changes only while nobody speaks. It is 120 ms now and was changed once.")
        alone = PlayoutDelay(latency="steady", common_ms=120, changes=2, alone={BO.peer: 180}, exceeded=1)
        party.publish("media", alone)
        expect(card).to_contain_text("changed 2 times. Bo-Streams had to wait for longer, until nobody speaks.")
