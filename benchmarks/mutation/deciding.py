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
    "common.psn.party.sessions",
    "common.psn.sdp.dialect",
    "common.psn.sdp.from_sony",
    "common.psn.sdp.text",
    "common.psn.sdp.to_sony",
    "common.psn.shapes",
    "common.psn.unknowns",
    "common.run.lives",
    "common.run.problems",
    "common.run.watchdog",
    "workers.media.receive.activity",
    "workers.media.receive.buffer.clock",
    "workers.media.receive.buffer.decide",
    "workers.media.receive.buffer.delay",
    "workers.media.receive.buffer.outcomes",
    "workers.media.receive.buffer.packets",
    "workers.media.receive.stats",
    "workers.media.receive.voice.pace",
    "workers.media.receive.voice.playout",
    "workers.audio.mix.chain",
    "workers.audio.mix.delay",
    "workers.audio.mix.instep",
    "workers.audio.mix.levelling",
    "workers.audio.mix.mixer",
    "workers.audio.mix.playout",
    "workers.audio.mix.spare",
    "captures.scrub.base64text",
    "captures.scrub.fakes",
    "captures.scrub.harmless",
    "captures.scrub.http",
    "captures.scrub.jwt",
    "captures.scrub.miranda",
    "captures.scrub.scrubber",
    "captures.scrub.sdp",
    "captures.scrub.shapes",
    "captures.scrub.short_runs",
    "captures.scrub.url",
    "captures.scrub.verify",
    "captures.scrub.words",
    "captures.tell.checklist",
    "captures.tell.compare",
    "captures.tell.markdown",
    "captures.tell.news",
    "captures.tell.report",
    "captures.tell.schema",
    "captures.tell.signals",
)
"""What is mutated when no module is named."""

_PASTES = (
    "tests/workers/auth/test_any_paste.py",
    "tests/workers/auth/test_pastes.py::test_a_wrong_paste_is_named_by_its_looks",
    "tests/workers/auth/test_pastes.py::test_an_npsso_is_taken_as_a_browsers_json_view_copies_it",
)
_SDP = tuple(f"tests/common/psn/sdp/test_{name}.py" for name in ("dialect", "lint"))
_RECEIVE = ("tests/workers/media/receive/test_packets.py", "tests/workers/media/receive/test_delay.py")
_SCRUB = tuple(f"tests/captures/scrub/test_{name}.py" for name in ("scrub", "planted", "verify"))
_TELL = ("tests/captures/tell/test_report.py", "tests/captures/tell/test_compare.py")

MORE: dict[str, tuple[str, ...]] = {
    "common.psn.account.npsso": _PASTES,
    "common.psn.account.paste": _PASTES,
    "common.psn.party.links": ("tests/common/psn/party/test_pasted_links.py",),
    "common.psn.sdp.dialect": ("tests/common/psn/sdp/test_lint.py",),
    "common.psn.sdp.from_sony": _SDP,
    "common.psn.sdp.text": _SDP,
    "common.psn.sdp.to_sony": _SDP,
    "workers.media.receive.activity": _RECEIVE,
    "workers.media.receive.buffer.clock": _RECEIVE,
    "workers.media.receive.buffer.decide": _RECEIVE,
    "workers.media.receive.buffer.delay": _RECEIVE,
    "workers.media.receive.buffer.outcomes": _RECEIVE,
    "workers.media.receive.buffer.packets": _RECEIVE,
    "workers.media.receive.stats": _RECEIVE,
    "workers.media.receive.voice.pace": _RECEIVE,
    "workers.media.receive.voice.playout": _RECEIVE,
    "workers.audio.mix.chain": ("tests/workers/audio/mix/test_mixer.py",),
    "workers.audio.mix.spare": ("tests/workers/audio/mix/test_playout.py",),
    "captures.scrub.base64text": _SCRUB,
    "captures.scrub.fakes": _SCRUB,
    "captures.scrub.harmless": _SCRUB,
    "captures.scrub.http": _SCRUB,
    "captures.scrub.jwt": _SCRUB,
    "captures.scrub.miranda": _SCRUB,
    "captures.scrub.scrubber": _SCRUB,
    "captures.scrub.sdp": _SCRUB,
    "captures.scrub.shapes": _SCRUB,
    "captures.scrub.url": _SCRUB,
    "captures.scrub.verify": _SCRUB,
    "captures.scrub.words": _SCRUB,
    "captures.tell.checklist": _TELL,
    "captures.tell.markdown": _TELL,
    "captures.tell.news": _TELL,
    "captures.tell.schema": _TELL,
    "captures.tell.signals": _TELL,
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
