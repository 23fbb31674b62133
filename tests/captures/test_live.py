"""A capture while it is made: scrubbed before it is written, kept whatever happens, and told of in plain words."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import ssl
import sys
import threading
from pathlib import Path

import pytest
import segno

from captures import folder
from captures.folder import CaptureError
from captures.read import flows, live
from captures.read.live import UNENDED, CertificateRefused, Intake, LiveFolder
from captures.read.proxy import VERSION, Environment, check_port
from captures.scrub.verify import verify
from captures.tell.checklist import STEPS, Checklist
from cli import __main__ as entry_point
from cli.capture.instructions import directions
from cli.shared.lan_addresses import addresses
from cli.shared.pages.qr import qr_lines
from cli.shared.terminal import Style
from common.config.tables import PsnSettings
from common.files.paths import Paths
from simulator.shared.names import certificate
from tests.captures.read.test_sources import FLOWS
from tests.captures.recording import MITMPROXY, capturing, prepare
from tests.captures.test_recorded_run import free_port
from tests.support.mac.only_linux import needs_linux
from tests.support.waiting import eventually

SECRET = "Zorblax-Quux77"

OPEN_GATE = Path(__file__).with_name("open_gate")


def flow(path, status=200, method="GET", host=b"m.np.playstation.com", content=b""):
    """Return an exchange's record as the addon makes it."""
    request = {
        "method": method.encode(), "scheme": b"https", "host": host.decode(), "path": path.encode(), "port": 443,
        "authority": b"", "headers": [[b"Authorization", b"Bearer " + SECRET.encode()]], "content": content,
        "timestamp_start": 100.0, "timestamp_end": 100.0,
    }  # fmt: skip
    answer = {"status_code": status, "headers": [], "content": b"{}", "timestamp_end": 100.5}
    state = {"type": "http", "version": 21, "request": request, "response": answer if status else None}
    return {"what": "exchange", "id": "f1", "flow": state}


@pytest.fixture
def place(tmp_path):
    return tmp_path / "c"


@pytest.fixture
def into(place):
    with contextlib.closing(LiveFolder(place)) as made:
        yield made


def test_what_is_seen_is_scrubbed_and_on_the_disk_before_the_next_is_looked_at(place, into):
    intake = Intake(into)
    list(intake.take({"what": "began", "at": 99.0}))
    (seen,) = intake.take(flow(f"/api/{SECRET}"))
    assert seen.at == 1.0
    told = json.dumps({"method": 3001, "to": {"onlineId": SECRET}}).encode()
    list(intake.take({"what": "frame", "id": "f1", "message": [1, False, told, 102.0]}))
    on_disk = "".join(file.read_text() for file in place.iterdir())
    assert SECRET not in on_disk
    capture, _ = folder.read(place)
    assert (len(capture.exchanges), len(capture.frames)) == (1, 1)
    assert capture.about.damage == UNENDED, "killed now, the folder says so itself"
    assert verify(place) == []
    assert {file.stat().st_mode & 0o777 for file in place.iterdir()} == {0o600}


def test_other_hosts_leave_nothing_but_a_number(place, into):
    intake = Intake(into)
    list(intake.take({"what": "other"}))
    assert list(intake.take(flow("/secret", host=b"mail.example"))) == []
    assert list(intake.take({"what": "refused", "host": "m.np.playstation.com"})) == [
        CertificateRefused("m.np.playstation.com")
    ]
    into.close()
    about = folder.read(place)[0].about
    assert (about.exchanges, about.other_hosts, about.damage) == (0, 1, "")


class Full:
    """A file on a disk that fills up within a line."""

    def __init__(self, file):
        self._file = file

    def write(self, data):
        return self._file.write(data[: len(data) // 2])

    def __getattr__(self, name):
        return getattr(self._file, name)


def test_a_full_disk_is_told_and_what_was_written_stays(place, into):
    intake = Intake(into)
    list(intake.take(flow("/api/v1/ssocookie")))
    into._files[folder.EXCHANGES] = Full(into._files[folder.EXCHANGES])
    with pytest.raises(CaptureError, match="No space left") as caught:
        list(intake.take(flow("/api/v1/ssocookie")))
    assert caught.value.remedy
    capture, damage = folder.read(place)
    assert (len(capture.exchanges), damage) == (1, "")


def test_a_pipe_that_breaks_off_gives_the_records_before(tmp_path):
    data = FLOWS.read_bytes()
    (tmp_path / "pipe").write_bytes(data[: len(data) * 2 // 3])
    with (tmp_path / "pipe").open("rb") as pipe:
        assert len(list(flows.records(pipe))) == 2


def test_a_folder_is_never_written_over(place, into):
    with pytest.raises(CaptureError, match="already"):
        LiveFolder(place)


def test_a_step_counts_once_and_only_when_it_was_answered_well(into):
    intake, steps = Intake(into), Checklist()
    members = "/api/sessionManager/v2/partySessions/4b7e91d2-08c5-4a36-9f1b-c3d75e208a64/members"
    for status in (403, 0, 201, 201):
        for seen in intake.take(flow(members, status, "POST")):
            steps.take(seen)
    assert list(steps.seen) == ["join"]
    assert [step.name for step in steps.missing] == [step.name for step in STEPS if step.name != "join"]


def test_the_directions_name_every_address_and_the_way_onto_the_phone():
    text = "\n".join(directions(["192.0.2.7", "192.0.2.8"], 8081, Style(on=False)))
    for words in ("server  192.0.2.7", "192.0.2.8", "port    8081", "http://mitm.it", "Certificate Trust", "█"):
        assert words in text
    assert addresses("127.0.0.1") == ["127.0.0.1"]
    assert not [address for address in addresses("0.0.0.0") if address.startswith("127.")]


def test_the_qr_code_on_the_terminal_is_the_certificate_pages():
    blocks = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    rows = []
    for line in qr_lines("http://mitm.it"):
        pairs = [blocks[letter] for letter in line]
        rows += [[upper for upper, _ in pairs], [lower for _, lower in pairs]]
    code = segno.make_qr("http://mitm.it")
    wanted = [[int(dark) for dark in row] for row in code.matrix_iter(border=4)]
    assert rows[: len(wanted)] == wanted
    assert not any(dark for row in rows[len(wanted) :] for dark in row)


# --- mitmproxy itself -------------------------------------------------------------------------------


def test_without_the_package_index_it_says_so_and_leaves_nothing_half_made(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{free_port()}/simple")
    maker = tmp_path / "python"  # makes an environment in no time, whose pip is ours
    maker.write_text(
        f'#!/bin/sh\nmkdir -p "$3/bin"; printf "#!/bin/sh\\nexec {sys.executable} \\"\\$@\\"" > "$3/bin/python"\n'
        'chmod +x "$3/bin/python"\n'
    )
    maker.chmod(0o700)
    environment = Environment.of(Paths(tmp_path))
    with pytest.raises(CaptureError, match="cannot be reached") as caught:
        environment.make(str(maker))
    assert "network" in caught.value.remedy
    assert not environment.ready
    assert not environment.folder.exists()


def test_without_room_it_does_not_even_begin(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 1 << 20))
    with pytest.raises(CaptureError, match="1 MB are free"):
        Environment.of(Paths(tmp_path)).make()


def test_a_port_that_is_taken_is_named_before_anything_is_made(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CaptureError, match=f"Port {port}"):
            check_port("127.0.0.1", port)
        assert entry_point.main(["capture", "start", "--host", "127.0.0.1", "--port", str(port)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert list(tmp_path.iterdir()) == []


def test_the_proxy_leads_to_nothing_of_this_machine_and_serves_one_device(home):
    needs_linux("A Mac's loopback has no 127.0.0.2, which is the second device.")
    port = free_port()
    prepare(home)
    with socket.create_server(("127.0.0.1", 0)) as server, capturing(home, "--port", str(port), "--name", "x") as run:
        shown, inner = home / "shown", server.getsockname()[1]
        eventually(lambda: "Ctrl-C ends the capture" in shown.read_text(), "mitmdump is up")
        for target in (f"127.0.0.1:{inner}", f"localhost:{inner}"):
            assert b" 200 " not in _asked(port, target)
        eventually(lambda: "which is on this machine" in shown.read_text(), "it is said")
        assert b" 200 " not in _asked(port, f"127.0.0.1:{inner}", "127.0.0.2")
        eventually(lambda: "127.0.0.2 was rejected" in shown.read_text(), "a second device is turned away")
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()
        run.kill()


def _asked(proxy, target, own="127.0.0.1"):
    with socket.create_connection(("127.0.0.1", proxy), 20, source_address=(own, 0)) as plain:
        plain.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        try:
            return plain.recv(1000).split(b"\r\n")[0]
        except ConnectionError:
            return b""


def test_another_host_passes_through_with_its_own_certificate_and_a_killed_capture_says_so(home):
    """The host is one of this machine's; the client trusts nothing but that host's own certificate."""
    context = certificate(PsnSettings(), home / "other.pem")
    port = free_port()
    open_gate(home)
    with socket.create_server(("127.0.0.1", 0)) as server, capturing(home, "--port", str(port), "--name", "x") as run:
        threading.Thread(target=_greet, args=(server, context), daemon=True).start()
        shown = home / "shown"
        eventually(lambda: "Ctrl-C ends the capture" in shown.read_text(), "mitmdump is up")
        assert _through(port, server.getsockname()[1], home / "other.pem") == b"hello"
        run.kill()
        run.wait()
        eventually(lambda: not _listens(port), "mitmdump ends with partyline")
    capture, damage = folder.read(home / "captures" / "x")
    assert (capture.exchanges, damage, capture.about.damage) == ((), "", live.UNENDED)
    assert "hello" not in "".join(file.read_text() for file in (home / "captures" / "x").iterdir())


def open_gate(home):
    """Give `home` a mitmproxy that may lead to this machine: there are no other hosts here."""
    prepare(home)
    (home / "mitmproxy").unlink()
    program = home / "mitmproxy/bin/mitmdump"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH={OPEN_GATE} exec {MITMPROXY}/bin/mitmdump "$@"\n')
    program.chmod(0o755)
    (home / "mitmproxy/.partyline").write_text(f"{VERSION} {(home / 'mitmproxy').resolve()}")


def _greet(server, context):
    plain, _ = server.accept()
    with plain, context.wrap_socket(plain, server_side=True) as secure:
        secure.recv(100)
        secure.sendall(b"hello")


def _through(proxy, port, trusted):
    context = ssl.create_default_context(cafile=trusted)
    context.check_hostname = False  # the certificate is what tells who answers
    with socket.create_connection(("127.0.0.1", proxy), 20) as plain:
        plain.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        assert b" 200 " in plain.recv(1000).split(b"\r\n")[0]
        with context.wrap_socket(plain, server_hostname="mail.example") as secure:
            secure.sendall(b"x")
            return secure.recv(100)


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
