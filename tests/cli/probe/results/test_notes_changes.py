"""What `partyline probe report` prints: the bullets that change, and the open questions that are answered."""

from __future__ import annotations

from cli.probe.observe.observations import OfferBehaviour, Shows
from cli.probe.results.findings import settle
from cli.probe.results.notes_changes import WORDS, changes
from cli.probe.results.run_record import RunRecord, StepRecord, Versions
from common.files.paths import CHECKOUT
from common.psn.unknowns import UNKNOWNS

NOTES = CHECKOUT / "notes"


def record(*seen, rehearsal=False, steps=()):
    done = tuple(StepRecord(name=name, group="own party", title="", state="done", at=0, took=0) for name in steps)
    versions = Versions(partyline="1", python="3", system="Linux")
    return RunRecord(
        date="2026-11-28", versions=versions, rehearsal=rehearsal, steps=done, findings=tuple(settle(seen))
    )


def test_every_value_of_every_unknown_has_its_wording():
    assert {one.name: set(one.values) for one in UNKNOWNS} == {name: set(words) for name, words in WORDS.items()}


def test_a_settled_unknown_shows_its_bullet_as_it_is_and_as_it_would_be():
    lines = changes(record(Shows(step="voice", name="rtp.clock", value="16000", how="Timestamps showed it")), NOTES)
    place = lines.index("notes/voice.md, rtp.clock")
    assert "RTP timestamps" in lines[place + 1]
    assert "[open]" in lines[place + 1]
    assert lines[place + 2] == "  new: RTP timestamps count 16 kHz [seen] (2026-11-28, `partyline probe`)."
    assert "Timestamps showed it (step voice)." in lines[place + 3]
    assert any("RTP timestamps count 48 or 16 kHz" in line for line in lines[-3:])


def test_every_unknown_finds_its_bullet():
    for unknown in UNKNOWNS:
        shown = record(Shows(name=unknown.name, value=unknown.values[0]))
        if unknown.name in ("offer.first", "glare.rule"):
            continue
        lines = changes(shown, NOTES)
        now = next(line for line in lines if line.startswith("  now:"))
        assert "no line has" not in now, unknown.name


def test_what_is_narrowed_is_listed_and_no_bullet_changes():
    lines = changes(record(OfferBehaviour(who="A", older=False, smaller=True, offered=True, waited_s=1.0)), NOTES)
    assert not any(line.startswith("  new:") for line in lines)
    assert any(line.startswith("  offer.first: narrowed, newer or smaller-account or both.") for line in lines)
    assert "No open question is answered." in lines


def test_a_step_that_went_well_answers_what_names_it():
    lines = changes(record(steps=("connection",)), NOTES)
    assert any("take a desktop client's offer" in line for line in lines)


def test_a_rehearsal_is_never_taken_for_the_real_network():
    lines = changes(record(Shows(name="rtp.clock", value="16000"), rehearsal=True), NOTES)
    assert "nothing of Sony's servers" in lines[0]
