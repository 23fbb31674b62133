"""The pages in a real Chromium: what is shown, what can be done, what another site cannot."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, expect

from common.errors import PartyError
from common.messages import AuthState, Following, Invitation, Invitations, PartyState, Recording
from common.requests import (
    CreateParty,
    JoinParty,
    LeaveParty,
    MarkRecording,
    SelectDevice,
    SetGain,
    SetMaster,
    SetMute,
    SetSolo,
    SignIn,
    StartRecording,
    StopRecording,
)
from tests.workers.dashboard.stage import Stage, member
from tests.workers.dashboard.window import DESKTOP, PHONE, opened

ALL = tuple(member(number) for number in range(16))
BO, CLEO = ALL[1], ALL[2]


# --- dashboard --------------------------------------------------------------------------------------


def test_the_key_leaves_the_address_and_survives_a_reload_but_not_the_tab(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page:
        expect(page.get_by_role("group", name="Bo-Streams")).to_be_visible()
        assert page.url == party.origin + "/"
        page.reload()
        expect(page.get_by_role("group", name="Bo-Streams")).to_be_visible()
        assert page.context.cookies() == []
    with opened(browser, party.origin + "/") as page:
        expect(page.get_by_text("This page needs its key.")).to_be_visible()
        expect(page.locator("#main > fieldset")).to_be_hidden()


def test_a_talker_is_steered_by_mouse_and_by_keyboard(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page:
        row = page.get_by_role("group", name="Bo-Streams")
        row.get_by_role("button", name="Mute", exact=True).click()
        party.await_asked(SetMute(peer=BO.peer, muted=True))
        party.mixer(ALL[1:3], **{BO.peer: {"muted": True}})
        expect(row.get_by_role("button", name="Mute", exact=True)).to_have_attribute("aria-pressed", "true")
        expect(row).to_contain_text("muted for you")
        slider = row.get_by_role("slider")
        assert [slider.get_attribute(end) for end in ("min", "max")] == ["-60", "20"]
        slider.fill("-6")
        party.await_asked(SetGain(peer=BO.peer, gain_db=-6.0))
        page.get_by_role("group", name="Cleo_99").focus()
        page.keyboard.press("s")
        party.await_asked(SetSolo(peer=CLEO.peer, solo=True))
        party.mixer(ALL[1:3], mix={"solo": True}, **{CLEO.peer: {"solo": True}, BO.peer: {"hushed": True}})
        expect(row).to_contain_text("muted by solo")
        party.mixer(ALL[1:3], **{BO.peer: {"muted": True}})
        expect(row.get_by_role("button", name="Mute", exact=True)).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("+")
        party.await_asked(SetGain(peer=CLEO.peer, gain_db=1.0))
        page.keyboard.press("ArrowUp")
        page.keyboard.press("m")
        party.await_asked(SetMute(peer=BO.peer, muted=False))
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_the_tab_key_reaches_everything_of_a_row_in_its_order(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page:
        row = page.get_by_role("group", name="Bo-Streams")
        row.focus()
        seen = []
        for _ in range(5):
            page.keyboard.press("Tab")
            seen.append(
                page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.innerText")
            )
        assert seen[1:] == ["Gain of Bo-Streams", "0 dB, set Gain of Bo-Streams to 0 dB", "Mute", "Solo"]


def test_quality_is_told_in_plain_words_and_the_numbers_on_demand(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page:
        row = page.get_by_role("group", name="Bo-Streams")
        expect(row).to_contain_text("good")
        expect(row.get_by_text("Jitter")).to_be_hidden()
        row.get_by_role("button", expanded=False).click()
        expect(row.get_by_text("Jitter")).to_be_visible()
        expect(row).to_contain_text("64 ms")  # age in the mix, and the device
        party.publish("media", party.peer(BO, packets=1100, frames=4400, concealed_frames=100))
        expect(row).to_contain_text("breaking up")
        party.publish("media", party.peer(BO, connection="lost"))
        expect(row).to_contain_text("connection lost")


def test_meters_follow_the_levels(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page:
        meter = page.get_by_role("group", name="Bo-Streams").get_by_role("meter")
        expect(meter).to_have_attribute("aria-valuenow", "-54")
        party.levels((BO, CLEO), 0)
        expect(meter).to_have_attribute("aria-valuenow", "-14")
        expect(page.get_by_role("meter", name="Level of the mix")).to_have_attribute("aria-valuenow", "-9")


def test_the_mix_and_its_device_are_chosen(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page:
        page.get_by_role("region", name="Sound", exact=True).get_by_label("Device").select_option("BlackHole 2ch")
        party.await_asked(SelectDevice(name="BlackHole 2ch"))
        page.get_by_role("region", name="Sound", exact=True).get_by_label("Device").select_option(
            "Default (MacBook Speakers)"
        )
        party.await_asked(SelectDevice(name=""))
        page.get_by_role("slider", name="Master gain").fill("3")
        party.await_asked(SetMaster(gain_db=3.0))
        page.get_by_role("slider", name="Delay of the mix").fill("250")
        party.await_asked(SetMaster(delay_ms=250.0))
        page.get_by_role("slider", name="Gain of newcomers").fill("-3")
        party.await_asked(SetMaster(newcomer_gain_db=-3.0))
        page.get_by_label("Level quiet and loud talkers").click()  # the box then shows what audio says
        party.await_asked(SetMaster(levelling=True))


def test_recording_starts_is_marked_and_stops(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page:
        card = page.get_by_role("region", name="Recording", exact=True)
        card.get_by_label("Name of the recording").fill("Raid night")
        card.get_by_role("button", name="Record").click()
        party.await_asked(StartRecording(name="Raid night"))
        party.publish("recorder", Recording(state="recording", seconds=75.0, free_bytes=10**10))
        expect(card).to_contain_text("01:15")
        card.get_by_label("Text of the mark").fill("boss")
        page.keyboard.press("Enter")
        party.await_asked(MarkRecording(text="boss"))
        page.get_by_role("group", name="Bo-Streams").focus()
        page.keyboard.press("k")
        party.await_asked(MarkRecording(text=""))
        page.keyboard.press("r")
        party.await_asked(StopRecording())
        party.publish("recorder", Recording(state="stopped", detail="The disk is full."))
        expect(card).to_contain_text("The recording stopped: The disk is full.")


def test_a_party_is_left_found_made_and_joined_and_a_refusal_is_told_with_its_remedy(
    party: Stage, browser: Browser
) -> None:
    def refuse(_: JoinParty) -> PartyState:
        raise PartyError("There is no such party.", "Ask for a new link.", reference_id="ref-7")

    with opened(browser, party.url()) as page:
        card = page.get_by_role("region", name="Party", exact=True)
        card.get_by_role("button", name="Leave").click()
        party.await_asked(LeaveParty())
        party.publish("session", PartyState(phase="none", reason="We left."))
        expect(card).to_contain_text("We left.")
        card.get_by_role("button", name="Find parties").click()
        card.get_by_role("listitem").filter(has_text="Raid").get_by_role("button", name="Join").click()
        party.await_asked(JoinParty(target="s-1"))
        card.get_by_role("button", name="Create a party").click()
        card.get_by_label("Name of the new party").fill("Mine")
        card.get_by_label("open to anybody").check()
        card.get_by_role("button", name="Create", exact=True).click()
        party.await_asked(CreateParty(name="Mine", open=True))
        party.answers["JoinParty"] = refuse
        page.locator("h1").click()
        page.keyboard.press("/")
        page.keyboard.type("https://party.playstation.com/x")
        page.keyboard.press("Enter")
        alert = page.get_by_role("alert").filter(has_text="There is no such party.")
        expect(alert).to_contain_text("Ask for a new link.")
        expect(alert).to_contain_text("ref-7")


def test_signing_in_by_paste(party: Stage, browser: Browser) -> None:
    party.publish("auth", AuthState(state="signed_out", realm="playstation"))
    with opened(browser, party.url()) as page:
        page.get_by_role("button", name="Sign in", exact=True).click()
        dialog = page.get_by_role("dialog", name="Sign in")
        expect(dialog.get_by_role("link", name="this page of Sony")).to_have_attribute("href", re.compile("ssocookie"))
        dialog.get_by_label("NPSSO").fill("N" * 64)
        page.keyboard.press("Enter")
        party.await_asked(SignIn(pasted="N" * 64, realm="playstation"))
        expect(dialog).to_be_hidden()
        party.signed_in()
        expect(page.locator("#account")).to_have_text("Ava-Desk")


def test_nothing_there_yet_is_said_and_a_worker_that_is_down_can_be_restarted(party: Stage, browser: Browser) -> None:
    party.party(0)
    with opened(browser, party.url()) as page:
        expect(page.get_by_text("Nobody else is here yet.")).to_be_visible()
        party.publish("session", PartyState(phase="none"))
        party.publish("auth", AuthState(state="signed_out", realm="playstation"))
        expect(page.get_by_role("heading", name="Not signed in")).to_be_visible()
        party.silence("audio")
        card = page.get_by_role("region", name="Sound")
        expect(card).to_contain_text("The sound does not answer.")
        card.get_by_role("button", name="Restart it").click()
        expect(page.get_by_role("alert").filter(has_text="without supervisord")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_sixteen_with_a_problem_fit_without_scrolling_sideways(
    party: Stage, browser: Browser, size: tuple[int, int]
) -> None:
    party.party(15, name="A party with quite a long name, of the Friday raiders")
    party.problem()
    looking = Following(online_id="gwen_the_great_of_wales", account_id="1006", state="looking")
    party.publish("session", looking, Invitations(invitations=(Invitation(session_id="s-9", from_online_id="X" * 16),)))
    with opened(browser, party.url(), size) as page:
        page.get_by_role("button", name="Manage").click()
        expect(page.get_by_role("button", name="Stop following")).to_be_visible()
        expect(page.get_by_role("region", name="Talkers").get_by_role("group")).to_have_count(15)
        expect(page.get_by_role("region", name="Problems")).to_contain_text("Plug one in")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        cut = page.evaluate(
            "[...document.querySelectorAll('button, input, select')].filter(e => e.offsetParent && "
            "(e.getBoundingClientRect().left < 0 || e.getBoundingClientRect().right > innerWidth)).length"
        )
        assert cut == 0
    party.publish("session", Following(), Invitations())


def test_names_are_text_whatever_stands_in_them(party: Stage, browser: Browser) -> None:
    evil = "<img src=x onerror=alert(1)>"
    state = party.peer(BO, connection="failed", detail=evil)
    party.publish(
        "media", type(state)(account_id="7", platform="PS5", online_id=evil, connection="failed", detail=evil)
    )
    with opened(browser, party.url()) as page:
        expect(page.get_by_role("group", name=evil)).to_be_visible()
        assert page.locator("main img").count() == 0
    party.clear("media", type(state), "7.PS5")


def test_the_page_comes_back_by_itself_after_a_restart_of_the_dashboard(party: Stage, browser: Browser) -> None:
    with opened(browser, party.url()) as page, opened(browser, party.url("overlay", reading=True)) as overlay:
        expect(page.get_by_role("group", name="Bo-Streams")).to_be_visible()
        party.dashboard.kill()
        expect(page.get_by_text("partyline does not answer.")).to_be_visible()
        party.start_dashboard()
        expect(page.get_by_text("partyline does not answer.")).to_be_hidden()
        party.party(2, name="Still here")
        expect(page.get_by_role("heading", name="Still here")).to_be_visible()
        expect(overlay.locator(".person")).to_have_count(2)
        expect(overlay.locator("body")).to_have_attribute("data-link", "open")


# --- other sites ------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another site, on another port of this machine: its address."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>another site</title>")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_a_page_of_another_origin_can_neither_read_nor_act_nor_show_ours_even_with_the_key(
    party: Stage, browser: Browser, elsewhere: str
) -> None:
    tries = """async ([origin, key, peer]) => {
        const socket = (path) => new Promise((end) => {
            const ws = new WebSocket(origin.replace("http", "ws") + path, ["partyline", "key." + key]);
            ws.onopen = () => ws.send(JSON.stringify({id: 1, do: "SetMute", fields: {peer, muted: true}}));
            ws.onmessage = () => end("read");
            ws.onclose = () => end("refused");
        });
        const got = (path, how) => fetch(origin + path, how).then((r) => r.type, () => "refused");
        const loaded = (tag, path) => new Promise((end) => {
            const node = Object.assign(document.createElement(tag), {src: origin + path});
            node.onload = () => end("loaded"); node.onerror = () => end("refused");
            document.head.append(node);
        });
        const frame = document.createElement("iframe");
        frame.src = origin + "/?key=" + key;
        document.body.append(frame);
        await new Promise((end) => { frame.onload = end; setTimeout(end, 5000); });
        let framed = "refused";
        try { if (frame.contentDocument?.querySelector("#main")) framed = "read"; } catch { framed = "refused"; }
        return {
            live: await socket("/live"), people: await socket("/people"), sound: await socket("/sound"),
            page: await got("/?key=" + key), metrics: await got("/metrics"), post: await got("/live", {method: "POST"}),
            script: await loaded("script", "/static/js/shared/words.js"),
            image: await loaded("img", "/static/icon.svg"),
            framed, frames: window.frames.length,
        };
    }"""
    with opened(browser, elsewhere, ours=False) as page:
        found = page.evaluate(tries, [party.origin, party.keys.full, CLEO.peer])
    found.pop("frames")
    assert set(found.values()) == {"refused"}, found
    assert SetMute(peer=CLEO.peer, muted=True) not in party.asked


def test_a_reading_key_opens_no_dashboard(party: Stage, browser: Browser) -> None:
    with opened(browser, f"{party.origin}/?key={party.keys.read}") as page:
        expect(page.get_by_text("This key is for the overlay")).to_be_visible()
    with opened(browser, party.origin + "/static/icon.svg") as page:
        page.evaluate("key => sessionStorage.setItem('partyline.key', key)", party.keys.read)
        page.goto(party.origin + "/")
        expect(page.get_by_text("no longer valid")).to_be_visible()
        expect(page.locator("#main > fieldset")).to_be_hidden()
