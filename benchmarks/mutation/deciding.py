"""The deciding modules (no I/O), and the unit tests of each.

A module's tests are those of the mirror rule, tests/FOLDER/test_MODULE.py. `MORE` names what covers it besides. Tests
that start real processes are too slow here.
"""

from __future__ import annotations

from common.files.paths import CHECKOUT

DECIDING = (
    "common.basic.addresses",
    "common.basic.bucket",
    "common.basic.text",
    "common.psn.account.jwt",
    "common.psn.account.npsso",
    "common.psn.account.oauth",
    "common.psn.account.paste",
    "common.psn.account.profiles",
    "common.psn.account.redirect",
    "common.psn.account.tokens",
    "common.psn.errors",
    "common.psn.http.endpoints",
    "common.psn.http.header_sets",
    "common.psn.http.pace",
    "common.psn.http.refusals",
    "common.psn.http.repeats",
    "common.psn.known",
    "common.psn.miranda.frames",
    "common.psn.miranda.header",
    "common.psn.miranda.platforms",
    "common.psn.party.bridges",
    "common.psn.party.customdata",
    "common.psn.party.links",
    "common.psn.party.push",
    "common.psn.party.sessions.answers",
    "common.psn.party.sessions.bodies",
    "common.psn.party.sessions.paths",
    "common.psn.sdp.dialect",
    "common.psn.sdp.from_sony",
    "common.psn.sdp.text",
    "common.psn.sdp.to_sony",
    "common.psn.shapes",
    "common.psn.unknowns",
    "common.run.lives",
    "common.run.problems",
    "common.run.watchdog",
    "workers.audio.mix.alignment",
    "workers.audio.mix.chain",
    "workers.audio.mix.frame_queue",
    "workers.audio.mix.headroom",
    "workers.audio.mix.levelling",
    "workers.audio.mix.mixer",
    "workers.audio.mix.talker_gaps",
    "workers.audio.mix.video_delay",
    "workers.audio.play.output_states",
    "workers.audio.play.rate_control",
    "workers.audio.play.retry_schedule",
    "workers.media.negotiate.connection_set",
    "workers.media.negotiate.negotiated_connection",
    "workers.media.negotiate.negotiation",
    "workers.media.negotiate.offer_hold",
    "workers.media.negotiate.offers",
    "workers.media.negotiate.retries",
    "workers.media.negotiate.state_machine",
    "workers.media.negotiate.states",
    "workers.media.receive.buffer.arrival_outcomes",
    "workers.media.receive.buffer.decide",
    "workers.media.receive.buffer.delay_estimator",
    "workers.media.receive.buffer.packet_buffer",
    "workers.media.receive.buffer.playout_timing",
    "workers.media.receive.buffer.rtp_clock",
    "workers.media.receive.receive_stats",
    "workers.media.receive.voice.playout_queue",
    "workers.media.receive.voice.time_scaling",
    "workers.media.receive.voice_activity",
    "workers.recorder.record.disk_budget",
    "workers.recorder.record.recording_states",
    "workers.session.automatic.joins",
    "workers.session.automatic.poll_schedule",
    "workers.session.end_reasons",
    "workers.session.events.event_kind",
    "workers.session.events.resync_rate",
    "workers.session.events.sequence_gaps",
    "workers.session.member.absence",
    "workers.session.member.membership_states",
    "workers.session.member.own_entry.fields",
    "workers.session.member.own_entry.schedule",
    "workers.session.party.current",
    "workers.session.party.own_device",
    "workers.session.party.table",
    "workers.session.party.table_events",
    "workers.signaling.push_channel.account_policy",
    "workers.signaling.push_channel.keep_alive",
    "workers.signaling.push_channel.reconnect_policy",
    "workers.signaling.push_channel.wanted_keep_alive",
    "workers.signaling.transports.bridge.agenda",
    "workers.signaling.transports.bridge.attachment",
    "workers.signaling.transports.bridge.bridge_use",
    "workers.signaling.transports.bridge.demand",
    "workers.signaling.transports.bridge.known_bridges",
    "workers.signaling.transports.incoming_messages",
    "workers.signaling.transports.offer_order",
    "workers.signaling.transports.relay_messages",
    "workers.signaling.transports.transport_selection",
    "captures.scrub.allow_list",
    "captures.scrub.bodies",
    "captures.scrub.draw",
    "captures.scrub.fakes",
    "captures.scrub.formats.base64text",
    "captures.scrub.formats.jwt",
    "captures.scrub.formats.miranda",
    "captures.scrub.formats.sdp",
    "captures.scrub.formats.shapes",
    "captures.scrub.formats.url",
    "captures.scrub.formats.wrappings",
    "captures.scrub.headers",
    "captures.scrub.http",
    "captures.scrub.names",
    "captures.scrub.runs",
    "captures.scrub.scrubber",
    "captures.scrub.short_runs",
    "captures.scrub.verify",
    "captures.scrub.vocabulary",
    "captures.tell.checklist",
    "captures.tell.compare",
    "captures.tell.markdown",
    "captures.tell.report",
    "captures.tell.schema",
    "captures.tell.signals",
    "captures.tell.unexpected",
)
"""What is mutated when no module is named."""

_PASTES = (
    "tests/common/psn/account/test_pastes.py",
    "tests/workers/auth/sign_in/test_account_client.py::test_a_wrong_paste_is_named_by_its_looks",
    "tests/workers/auth/sign_in/test_account_client.py::test_an_npsso_is_taken_as_a_browsers_json_view_copies_it",
)
_SESSIONS = ("tests/common/psn/party/test_sessions.py",)
_SDP = tuple(f"tests/common/psn/sdp/test_{name}.py" for name in ("dialect", "lint"))
_NEGOTIATION = ("tests/workers/media/negotiate/test_negotiation.py", "tests/workers/media/negotiate/test_glare.py")
_RECEIVE = tuple(f"tests/workers/media/receive/buffer/test_{name}.py" for name in ("packet_buffer", "delay_estimator"))
_SCRUB = tuple(f"tests/captures/scrub/test_{name}.py" for name in ("scrub", "planted", "verify"))
_TELL = ("tests/captures/tell/test_report.py", "tests/captures/tell/test_compare.py")

MORE: dict[str, tuple[str, ...]] = {
    "common.psn.account.npsso": _PASTES,
    "common.psn.account.paste": _PASTES,
    "common.psn.account.redirect": _PASTES,
    "common.psn.party.links": ("tests/common/psn/party/test_pasted_links.py",),
    "common.psn.party.sessions.answers": _SESSIONS,
    "common.psn.party.sessions.bodies": _SESSIONS,
    "common.psn.party.sessions.paths": _SESSIONS,
    "common.psn.sdp.dialect": ("tests/common/psn/sdp/test_lint.py",),
    "common.psn.sdp.from_sony": _SDP,
    "common.psn.sdp.text": _SDP,
    "common.psn.sdp.to_sony": _SDP,
    "workers.audio.mix.chain": ("tests/workers/audio/mix/test_mixer.py",),
    "workers.audio.mix.headroom": ("tests/workers/audio/mix/test_frame_queue.py",),
    "workers.audio.mix.talker_gaps": ("tests/workers/audio/mix/test_frame_queue.py",),
    "workers.media.negotiate.connection_set": _NEGOTIATION,
    "workers.media.negotiate.negotiated_connection": _NEGOTIATION,
    "workers.media.negotiate.offer_hold": _NEGOTIATION,
    "workers.media.negotiate.offers": _NEGOTIATION,
    "workers.media.negotiate.retries": _NEGOTIATION,
    "workers.media.negotiate.state_machine": _NEGOTIATION,
    "workers.media.negotiate.states": _NEGOTIATION,
    "workers.media.receive.buffer.arrival_outcomes": _RECEIVE,
    "workers.media.receive.buffer.decide": _RECEIVE,
    "workers.media.receive.buffer.delay_estimator": _RECEIVE,
    "workers.media.receive.buffer.packet_buffer": _RECEIVE,
    "workers.media.receive.buffer.playout_timing": _RECEIVE,
    "workers.media.receive.buffer.rtp_clock": _RECEIVE,
    "workers.media.receive.receive_stats": _RECEIVE,
    "workers.media.receive.voice.playout_queue": _RECEIVE,
    "workers.media.receive.voice.time_scaling": _RECEIVE,
    "workers.media.receive.voice_activity": _RECEIVE,
    "captures.scrub.formats.base64text": _SCRUB,
    "captures.scrub.formats.shapes": _SCRUB,
    "captures.scrub.verify": _SCRUB,
    "captures.scrub.vocabulary": _SCRUB,
    "captures.tell.checklist": _TELL,
    "captures.tell.compare": ("tests/captures/tell/test_differences.py",),
    "captures.tell.markdown": _TELL,
    "captures.tell.schema": _TELL,
}


def file_of(module: str) -> str:
    """Return a module's file, from the checkout's folder."""
    return module.replace(".", "/") + ".py"


def mirror_of(module: str) -> str:
    folder, _, name = file_of(module).rpartition("/")
    return f"tests/{folder}/test_{name}"


def unit_tests_of(module: str) -> list[str]:
    """Return the files with a module's tests, the mirrored one first. Empty: it has none."""
    mirror = mirror_of(module)
    return [*([mirror] if (CHECKOUT / mirror).exists() else []), *MORE.get(module, ())]
