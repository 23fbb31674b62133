"""Members' pictures on the pages: fetched once by the worker, served by it, never by anybody else."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, expect

from common.messages import Levels
from common.requests import Pictures
from simulator.hosts.pictures import png
from tests.support.waiting import eventually
from tests.workers.dashboard.client import get
from tests.workers.dashboard.stage import Stage, member, staged
from tests.workers.dashboard.window import opened

BO, CLEO, DUNCAN = member(1), member(2), member(3)


class Server:
    """Stands for PlayStation's servers, the calls' and the pictures'. `asked` has the path of every request."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.headers |= {name.lower() for name in self.headers}
                bodies = {"/bo.png": png("bo", 240), "/large.png": png("x", 8) + bytes(2 * 1024 * 1024)}
                self.send_response(302 if self.path == "/moved.png" else 200)
                self.send_header("Location", "/bo.png")
                self.end_headers()
                self.wfile.write(bodies.get(self.path, b"<script>alert(1)</script>"))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def stage(server: Server) -> Iterator[Stage]:
    with staged(PARTYLINE_PSN__REALM="playstation", PARTYLINE_PSN__MOBILE_URL=server.url) as stage:
        yield stage


def test_pictures_are_fetched_once_checked_and_shown_on_both_pages_in_place_of_initials(
    party: Stage, browser: Browser, server: Server
) -> None:
    urls = {
        BO.account_id: f"{server.url}/bo.png",
        CLEO.account_id: f"{server.url}/script.png",
        DUNCAN.account_id: f"{server.url}/large.png",
        member(4).account_id: f"{server.url}/moved.png",
        member(5).account_id: "http://127.0.0.1:9/elsewhere.png",
    }
    party.answers["FindPictures"] = lambda asked: Pictures(urls={a: urls[a] for a in asked.account_ids if a in urls})
    party.party(5)
    assert party.asked_by_itself == []  # nobody looks: nothing is asked
    with (
        opened(browser, party.url()) as page,
        opened(browser, party.url("overlay", reading=True)) as overlay,
    ):
        row = page.get_by_role("group", name="Bo-Streams")
        image = row.locator(".avatar img")
        expect(image).to_have_attribute("src", re.compile("^/picture/[0-9a-f]{40}$"))
        expect(row.locator(".avatar")).to_have_class(re.compile("pictured"))
        face = overlay.locator(".person", has_text="Bo-Streams").locator(".face")
        expect(face).to_have_class(re.compile("pictured"))
        expect(face.locator("img")).to_have_attribute("src", image.get_attribute("src") or "")
        eventually(lambda: "/moved.png" in server.asked, "all are tried")
        for other in ("Cleo_99", "Duncan", "ella.winter", "Finn"):
            expect(page.get_by_role("group", name=other).locator("img")).to_have_count(0)
        hues = [
            found.evaluate("e => getComputedStyle(e).getPropertyValue('--hue')")
            for found in (
                page.get_by_role("group", name="Cleo_99").locator(".avatar"),
                overlay.locator(".person", has_text="Cleo_99").locator(".face"),
            )
        ]
        assert hues[0] == hues[1]
        address = image.get_attribute("src") or ""
    status, headers, _ = get(party, address)
    assert (status, headers["Content-Type"], headers["X-Content-Type-Options"]) == (200, "image/png", "nosniff")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert get(party, address[:-1] + ("0" if address[-1] != "0" else "1"))[0] == 404
    assert get(party, "/picture/../../secrets/dashboard.json")[0] == 404
    party.dashboard.kill()
    party.start_dashboard()
    party.await_open()
    with opened(browser, party.url("overlay", reading=True)) as overlay:
        expect(overlay.locator(".person", has_text="Bo-Streams").locator("img")).to_have_count(1)
    assert server.asked.count("/bo.png") == 1  # kept, over a restart too
    assert not server.headers & {"authorization", "cookie", "referer"}


def test_ones_own_pictures_win_change_with_the_voice_and_a_bad_one_is_told(party: Stage, browser: Browser) -> None:
    folder = party.paths.avatars
    eventually(folder.is_dir, "there is a folder to put them in")
    (folder / "cleo_99.png").write_bytes(png("mine", 64))
    (folder / "cleo_99.speaking.png").write_bytes(png("mine, speaking", 64))
    (folder / "cleo_99.speaking2.png").write_bytes(png("mine, loud", 64))
    (folder / "Duncan.png").write_text("not a picture")
    with (
        opened(browser, party.url("overlay", reading=True, shape="free", motion="mouth")) as overlay,
        opened(browser, party.url()) as page,
    ):
        face = overlay.locator(".person", has_text="Cleo_99").locator(".face")
        expect(face).to_have_class(re.compile("talks"))
        still, talking = face.locator("img.still"), face.locator("img.talking")
        party.speak(CLEO, speaking=False)
        expect(still).to_be_visible()
        expect(talking).to_be_hidden()
        party.speak(CLEO)
        expect(talking).to_be_visible()  # no level is known yet
        expect(still).to_be_hidden()
        loud = face.locator("img.louder")
        for level_db, picture in ((-5.0, loud), (-40.0, talking), (-120.0, still)):
            party.publish("audio", Levels(talkers={CLEO.peer: level_db}, mix=level_db))
            expect(picture).to_be_visible()
            for other in {loud, talking, still} - {picture}:
                expect(other).to_be_hidden()
        problem = page.get_by_role("region", name="Problems")
        expect(problem).to_contain_text("Duncan.png: it is not a PNG, JPEG, GIF or WebP picture")
        expect(problem).to_contain_text("Save it as")
        (folder / "Duncan.png").unlink()
        expect(problem.get_by_text("Duncan.png")).to_have_count(0)
        (folder / "cleo_99.speaking2.png").unlink()
        expect(loud).to_have_count(0)
        (folder / "cleo_99.png").unlink()
        (folder / "cleo_99.speaking.png").unlink()
        expect(face.locator("img")).to_have_count(0)
