"""Faults of the network, and of partyline's processes."""

from __future__ import annotations

import asyncio
import email.utils
import socket
import threading
import time

from cli.machine.doctor.check import CheckFinding
from common.bus import Bus
from common.config.https import certificate_store
from common.config.tables import Settings
from common.files.paths import Paths
from common.messages import Problem
from simulator.shared.names import certificate
from tests.cli.machine.doctor.faults.fault import Faults
from tests.cli.machine.doctor.stage import Stage, with_table
from tests.support.processes import free_port

FAULTS = Faults()


@FAULTS.add("port", "a program listens at the dashboard's port", "error", "is in use by")
def port_in_use(stage: Stage) -> CheckFinding:
    return stage.examine("port", settings=with_table("dashboard", port=stage.listener()))


@FAULTS.add("port", "`[dashboard] listen` is an address of another machine", "error", "cannot listen at 192.0.2.1")
def foreign_address(stage: Stage) -> CheckFinding:
    return stage.examine("port", settings=with_table("dashboard", listen="192.0.2.1", port=free_port()))


@FAULTS.add("reach", "`[dashboard] listen` lets other devices in", "note", "open to all devices in every network")
def open_pages(stage: Stage) -> CheckFinding:
    return stage.examine("reach", settings=with_table("dashboard", listen="0.0.0.0"))  # not bound


@FAULTS.add("reach", "the same, and the certificates' file is damaged", "error", "cannot be used")
def damaged_certificates(stage: Stage) -> CheckFinding:
    certificate_store.authority_file(stage.paths).write_text("{")
    return stage.examine("reach", settings=with_table("dashboard", listen="0.0.0.0"))  # not bound


@FAULTS.add("certificates", "$SSL_CERT_FILE names a file that is not there", "error", "$SSL_CERT_FILE names a file")
def no_certificates(stage: Stage) -> CheckFinding:
    stage.environ(SSL_CERT_FILE=str(stage.folder / "none.pem"))
    return stage.examine("certificates")


@FAULTS.add("certificates", "$SSL_CERT_FILE names a file with one certificate", "warning", "names 1 certificates only")
def one_certificate(stage: Stage) -> CheckFinding:
    file = stage.folder / "one.pem"
    certificate(Settings().psn, file)
    stage.environ(SSL_CERT_FILE=str(file))
    return stage.examine("certificates")


@FAULTS.add("certificates", "$SSL_CERT_DIR names an empty folder", "warning", "names 0 certificates only")
def empty_folder(stage: Stage) -> CheckFinding:
    stage.environ(SSL_CERT_DIR=str(stage.modules))
    return stage.examine("certificates")


@FAULTS.add("proxy", "$HTTPS_PROXY names a proxy of an unknown kind", "error", "HTTPS_PROXY names a proxy of a kind")
def odd_proxy(stage: Stage) -> CheckFinding:
    stage.environ(HTTPS_PROXY="gopher://192.0.2.1:70")
    return stage.examine("proxy")


@FAULTS.add("proxy", "$HTTPS_PROXY names a SOCKS proxy with a password", "note", "HTTPS_PROXY names. Voices do not")
def usual_proxy(stage: Stage) -> CheckFinding:
    stage.environ(HTTPS_PROXY="socks5://somebody:made-up-word@192.0.2.1:1080")
    found = stage.examine("proxy")
    assert "made-up-word" not in str(found)
    return found


@FAULTS.add("dns", "a network namespace without any network", "error", "No name can be looked up", needs_root=True)
def no_names(stage: Stage) -> CheckFinding:
    return stage.apart("dns")


@FAULTS.add("internet", "nobody listens at `[doctor] date_url`", "error", "cannot be reached (connection refused)")
def no_way_out(stage: Stage) -> CheckFinding:
    return stage.examine("internet", settings=with_table("doctor", date_url="http://127.0.0.1:1/"))


@FAULTS.add("internet", "a TLS server with a certificate of its own making", "error", "is not trusted")
def untrusted(stage: Stage) -> CheckFinding:
    def wrap(sock: socket.socket) -> socket.socket:
        context = certificate(Settings().psn, stage.folder / "own.pem")
        return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)

    authority = stage.http_server(email.utils.formatdate(usegmt=True), wrap)
    return stage.examine("internet", settings=with_table("doctor", date_url=f"https://{authority}/"))


@FAULTS.add("clock", "a server whose Date is two hours behind", "error", "The clock is 2 h ahead")
def wrong_clock(stage: Stage) -> CheckFinding:
    authority = stage.http_server(email.utils.formatdate(time.time() - 7230, usegmt=True))
    return stage.examine("clock", settings=with_table("doctor", date_url=f"http://{authority}/"))


@FAULTS.add("clock", "a server whose Date is ten minutes ahead", "warning", "10 min behind")
def slow_clock(stage: Stage) -> CheckFinding:
    authority = stage.http_server(email.utils.formatdate(time.time() + 600, usegmt=True))
    return stage.examine("clock", settings=with_table("doctor", date_url=f"http://{authority}/"))


def stun_at(*ports: int) -> dict[str, object]:
    return {"settings": with_table("ice", stun_servers=tuple(f"stun:127.0.0.1:{port}" for port in ports))}


@FAULTS.add("stun", "a STUN server that does not answer", "error", "No STUN server answers")
def silent_stun(stage: Stage) -> CheckFinding:
    sock = stage.stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    sock.bind(("127.0.0.1", 0))
    return stage.examine("stun", **stun_at(sock.getsockname()[1]))


@FAULTS.add("nat", "two STUN servers that see one socket at two ports", "warning", "for each destination (two servers)")
def symmetric(stage: Stage) -> CheckFinding:
    return stage.examine("nat", **stun_at(stage.stun_server(ports=1), stage.stun_server(ports=2)))


@FAULTS.add("nat", "a server with two addresses (RFC 5780) that sees two ports", "warning", "(RFC 5780)")
def symmetric_by_behaviour(stage: Stage) -> CheckFinding:
    second = stage.stun_server(ports=3, at=("127.0.0.2", 0))
    first = stage.stun_server(ports=1, other=("127.0.0.2", second))
    stage.stun_server(ports=2, at=("127.0.0.2", first))
    stage.patch("cli.machine.doctor.probes.network.stun_client.TRIES_S", (0.2,))  # what is not let in is waited for
    found = stage.examine("nat", **stun_at(first))
    assert found.evidence["mapping"] == found.evidence["filtering"] == "by address and port"
    return found


LINK = "ip link add d0 type veth peer name d1\nip link set d0 up\nip link set d1 up\nip addr add 192.168.77.2/24 dev d0"


@FAULTS.add(
    "lan", "a neighbour's address is unreachable by a route (EHOSTUNREACH)", "warning", "EHOSTUNREACH", needs_root=True
)
def blocked_neighbour(stage: Stage) -> CheckFinding:
    known = "ip neigh add 192.168.77.9 lladdr 02:00:00:00:00:09 dev d0"
    return stage.command("lan", LINK, known, "ip route add unreachable 192.168.77.9/32")


@FAULTS.add("ipv6", "a global IPv6 address without a route", "note", "no way to the Internet by it", needs_root=True)
def no_way_by_ipv6(stage: Stage) -> CheckFinding:
    return stage.apart("ipv6", LINK, "ip -6 addr add 2a00:1450:4001::5/64 dev d0 nodad")


# --- processes --------------------------------------------------------------------------------------


@FAULTS.add("leftovers", "a broker of this home runs without supervisord", "warning", "broker (")
def leftover(stage: Stage) -> CheckFinding:
    stage.broker(stage.home)
    return stage.examine("leftovers")


@FAULTS.add("others", "a broker of another home runs", "note", "Another partyline runs")
def other_home(stage: Stage) -> CheckFinding:
    other = stage.folder / "other"
    Paths(other).make()
    stage.broker(other)
    found = stage.examine("others")
    assert str(other) in found.evidence["others"]
    return found


@FAULTS.add("pipeline", "something listens at the broker's socket, and says nothing", "error", "broker does not answer")
def deaf_broker(stage: Stage) -> CheckFinding:
    sock = stage.stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    sock.bind(str(stage.paths.run / "broker.sock"))
    sock.listen(8)
    return stage.examine("pipeline")


@FAULTS.add("problems", "a real broker holds an open problem", "error", "nothing is heard")
def open_problem(stage: Stage) -> CheckFinding:
    stage.broker(stage.home)
    done = threading.Event()
    thread = threading.Thread(target=_publish, args=(stage.paths, done), daemon=True)
    thread.start()
    stage.stack.callback(thread.join)
    stage.stack.callback(done.set)
    return stage.examine_until("problems", "error")


def _publish(paths: Paths, done: threading.Event) -> None:
    """Hold a problem open on the bus until `done`."""

    async def publish() -> None:
        bus = Bus("audio", paths.run)
        await bus.start()
        bus.publish(
            Problem(worker="audio", code="audio.x", message="Made up, so nothing is heard.", remedy="Wait.", at=1.0)
        )
        await asyncio.to_thread(done.wait)
        await bus.close()

    asyncio.run(publish())
