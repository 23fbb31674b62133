"""/obs-audio in a real Chromium: what it plays, how late, and what it survives."""

from __future__ import annotations

import socket
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from tests.e2e.heard import source
from tests.support.browser import chromium
from tests.support.correlate import windows
from tests.support.soundserver import RATE, SoundServer
from tests.support.waiting import eventually
from tests.workers.dashboard.stage import Playing, Stage, member, staged

pytestmark = pytest.mark.realtime

BO = member(1)
ROUND_S = 5


def speech() -> NDArray[np.int16]:
    """Return one round: somebody speaks, then there is silence."""
    voice = source("anna-1")[: RATE * (ROUND_S - 1)]
    whole = np.zeros(RATE * ROUND_S, np.int16)
    whole[: len(voice)] = np.round(voice * 32767)
    return whole


def tone() -> NDArray[np.int16]:
    return np.round(np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE) * 8000).astype(np.int16)


@pytest.fixture(scope="module")
def server() -> Iterator[SoundServer]:
    with SoundServer() as server:
        yield server


@pytest.fixture(scope="module")
def browser(server: SoundServer) -> Iterator[Browser]:
    with chromium(env=server.environment(), sound=True) as browser:
        yield browser


@contextmanager
def listening(browser: Browser, url: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    try:
        yield page
    finally:
        context.close()


@contextmanager
def playing(stage: Stage, name: str, peer: str, samples: NDArray[np.int16], boot: str = "b") -> Iterator[Playing]:
    made = Playing(stage.paths.run, name, peer, samples, boot)
    try:
        yield made
    finally:
        made.stop()


def reachable() -> str:
    """Return an address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no network")
        return str(probe.getsockname()[0])


def figures(page: Page) -> dict[str, Any]:
    """Return what the player said last."""
    return dict(page.evaluate("({...document.body.dataset})"))


def sounded_ms(page: Page) -> float:
    return float(figures(page).get("played_ms", 0))


def plays_on(page: Page, what: str) -> None:
    before = sounded_ms(page)
    eventually(lambda: sounded_ms(page) > before + 300, what)


def test_the_page_plays_the_mix_as_it_was_sent(stage: Stage, browser: Browser, server: SoundServer) -> None:
    said = speech()
    with playing(stage, "audio-mix", "mix", said), listening(browser, stage.url("obs-audio", reading=True)) as page:
        plays_on(page, "the page plays")
        assert page.url == f"{stage.origin}/obs-audio"
        with server.record() as recorder:
            recorder.wait_s(ROUND_S + 4)
            recording = recorder.recording()
    voice = np.trim_zeros(said.astype(np.float32), "b")
    # short pieces, since a sound server's clock may be off by 500 ppm: a long one would not fit as a whole
    pieces = [piece.correlation for piece in windows(recording.samples, voice, RATE, window_s=0.2)]
    assert statistics.median(pieces) >= 0.9  # a busy machine may tear single ones
    assert np.array_equal(recording.samples, recording.right)


def test_the_page_sounds_on_another_machine_also_in_a_browser_without_a_worklet(browser: Browser) -> None:
    address = reachable()
    with staged(PARTYLINE_DASHBOARD__LISTEN="0.0.0.0") as stage, playing(stage, "audio-mix", "mix", tone()):
        url = stage.url("obs-audio", reading=True, via="websocket").replace("http://127.0.0.1", f"https://{address}")
        context = browser.new_context(ignore_https_errors=True)  # `tests.common.config.https` judges the certificate
        context.add_init_script("delete BaseAudioContext.prototype.audioWorklet;")
        page = context.new_page()
        page.goto(url)
        assert page.evaluate("[isSecureContext, 'audioWorklet' in AudioContext.prototype]") == [True, False]
        plays_on(page, "the page plays")
        context.close()


def test_sound_is_back_after_a_restart_of_the_audio_worker_and_of_the_dashboard(stage: Stage, browser: Browser) -> None:
    with listening(browser, stage.url("obs-audio", reading=True)) as page:
        with playing(stage, "audio-mix", "mix", tone()):
            plays_on(page, "the page plays")
        with playing(stage, "audio-mix", "mix", tone(), boot="another"):
            plays_on(page, "it plays what the restarted audio worker sends")
            stage.dashboard.kill()
            eventually(lambda: figures(page)["link"] != "open", "the page notices")
            stage.start_dashboard()
            eventually(lambda: figures(page)["link"] == "open", "the page is back")
            plays_on(page, "it plays again")


def test_a_talker_is_a_source_of_its_own_as_loud_as_in_the_mix(stage: Stage, browser: Browser) -> None:
    stage.party(2)
    url = stage.url("obs-audio", reading=True, talker="bo-streams")
    with playing(stage, "audio-media", BO.peer, tone()), listening(browser, url) as page:
        plays_on(page, "the talker is heard")
        stage.mixer((BO,), **{BO.peer: {"muted": True}})

        def silent() -> bool:
            before = sounded_ms(page)
            page.wait_for_timeout(1200)  # the player tells once a second
            return sounded_ms(page) == before

        eventually(silent, "a muted talker is not heard")
        stage.mixer((BO,))
        plays_on(page, "the talker is heard again")
        stage.party(0)
        stage.party(2)
        plays_on(page, "a talker who comes back is heard without a new page")


def test_a_name_that_nobody_has_is_told(stage: Stage, browser: Browser) -> None:
    with listening(browser, stage.url("obs-audio", reading=True, talker="Nobody <b>")) as page:
        eventually(lambda: "Waiting for Nobody <b>" in page.inner_text("#note"), "the page says whom it waits for")
        page.add_init_script("window.obsstudio = {}")
        page.reload()
        eventually(lambda: figures(page).get("link") == "open", "the page is open")
        assert page.inner_text("body").strip() == ""  # nothing is written into the stream


def test_a_wrong_key_is_told(stage: Stage, browser: Browser) -> None:
    with listening(browser, f"{stage.origin}/static/icon.svg") as page:
        page.evaluate("sessionStorage.setItem('partyline.key', 'old')")
        page.goto(f"{stage.origin}/obs-audio")
        eventually(lambda: "old or wrong" in page.inner_text("#note"), "the page says so")


# --- the player by itself -----------------------------------------------------------------------------

SIMULATION = """async ({ppm, seconds, jitterMs, pauseAt, pauseMs}) => {
    const { Player } = await import("/static/js/listen/player.js");
    const player = new Player(60);
    const out = new Float32Array(128);
    const batch = new Int16Array(960);
    const step = 2 * Math.PI * 440 / 48000;
    let seed = 1, tick = 0, sent = 0, click = 0, off = 0, a = 0, b = 0, wait = 0;
    const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
    const speed = 1 + ppm / 1e6;
    const quanta = seconds * 375;
    for (let quantum = 0; quantum < quanta; quantum++) {
        const now = quantum / 375;
        const stopped = now >= pauseAt && now < pauseAt + pauseMs / 1000;
        while (!stopped && (tick / 100) + wait <= now * speed) {
            for (let i = 0; i < 960; i++) batch[i] = 16384 * Math.sin(step * (sent + i));
            player.write(7, tick, 2, 1, batch);
            tick += 2; sent += 960; wait = random() * jitterMs / 1000;
        }
        player.read(out);
        for (const value of out) {
            if (now > 2) click = Math.max(click, Math.abs(value - 2 * a + b));
            b = a; a = value;
        }
        if (now > 60) off = Math.max(off, Math.abs(player.smooth - player.target) / 48);
    }
    return { ...player.figures(), click, off };
}"""


def simulate(stage: Stage, browser: Browser, **how: float) -> dict[str, float]:
    with listening(browser, f"{stage.origin}/static/icon.svg") as page:
        given = {"ppm": 0, "seconds": 300, "jitterMs": 15, "pauseAt": -1, "pauseMs": 0, **how}
        return dict(page.evaluate(SIMULATION, given))


@pytest.mark.parametrize("ppm", [-500, 0, 500])
def test_a_page_whose_clock_is_off_hears_no_click_no_drop_and_no_growing_delay(
    stage: Stage, browser: Browser, ppm: int
) -> None:
    found = simulate(stage, browser, ppm=ppm)
    assert (found["underruns"], found["dropped_ms"], found["lost"]) == (0, 0, 0)
    assert found["off"] < 15
    assert abs(found["ppm"] - ppm) < 250
    assert found["click"] < 0.5 * (2 * np.pi * 440 / 48_000) ** 2 * 1.1  # what the tone itself has


@pytest.mark.parametrize("pause_ms", [200, 1500])
def test_after_a_stall_the_delay_comes_back_to_what_it_was(stage: Stage, browser: Browser, pause_ms: int) -> None:
    found = simulate(stage, browser, seconds=120, pauseAt=30, pauseMs=pause_ms)
    assert found["underruns"] == 1
    assert found["fill_ms"] < found["target_ms"] + 20
    assert found["playing"]


WIDE = """async () => {
    const { Player } = await import("/static/js/listen/player.js");
    const player = new Player(60);
    const left = new Float32Array(128), right = new Float32Array(128);
    const found = { mono: 0, wide: 0, after: 0, rough: 0 };
    const step = 2 * Math.PI * 440 / 48000;
    let tick = 0, a = 0, b = 0;
    for (let quantum = 0; quantum < 2250; quantum++) {
        while (tick / 100 <= quantum / 375) {
            const stereo = tick >= 200 && tick < 400;
            const samples = new Int16Array(stereo ? 1920 : 960);
            for (let i = 0; i < 960; i++) {
                const value = 16384 * Math.sin(step * (tick * 480 + i));
                if (stereo) samples[2 * i + 1] = value;
                else samples[i] = value;
            }
            player.write(7, tick, 2, 1, samples, stereo);
            tick += 2;
        }
        player.read(left, right);
        const isWide = quantum > 850 && quantum < 1400;
        const part = quantum < 700 ? "mono" : isWide ? "wide" : quantum > 1700 ? "after" : null;
        for (let i = 0; i < 128; i++) {
            if (part) found[part] = Math.max(found[part], Math.abs(part === "wide" ? left[i] : left[i] - right[i]));
            if (quantum > 100) found.rough = Math.max(found.rough, Math.abs(right[i] - 2 * a + b));
            b = a; a = right[i];
        }
    }
    return found;
}"""


def test_a_panned_voice_is_on_its_side_while_it_is_and_both_channels_stay_in_step(
    stage: Stage, browser: Browser
) -> None:
    with listening(browser, f"{stage.origin}/static/icon.svg") as page:
        found = page.evaluate(WIDE)
    assert (found["mono"], found["wide"], found["after"]) == (0, 0, 0)
    assert found["rough"] < 0.5 * (2 * np.pi * 440 / 48_000) ** 2 * 1.1
