"""Who is sent what, and when."""

from __future__ import annotations

from integrations.osc.outgoing.targets import MOST, QUIET_S, OscTarget, Targets

HERE = ("10.0.0.1", 9000)


def target() -> OscTarget:
    return OscTarget(HERE, is_fixed=False, now=0.0)


def test_everything_is_sent_once_and_then_only_changes() -> None:
    one = target()
    assert one.due({"/a": 1, "/b": 0.5}, 0.0) == {"/a": 1, "/b": 0.5}
    assert one.due({"/a": 1, "/b": 0.5}, 0.1) == {}
    assert one.due({"/a": 0, "/b": 0.5}, 0.2) == {"/a": 0}
    one.forget_shown()
    assert one.due({"/a": 0, "/b": 0.5}, 0.3) == {"/a": 0, "/b": 0.5}


def test_a_fader_that_moves_is_sent_nothing_until_it_rests() -> None:
    one = target()
    one.due({"/fader": 0.5, "/text": "-20 dB"}, 0.0)
    for step in range(10):
        now = 1.0 + step * 0.1
        one.hold("/fader", 0.5 + step / 100, now)
        assert one.due({"/fader": 0.5 + (step - 1) / 100, "/text": str(step)}, now) == {"/text": str(step)}
    assert one.next_due() == 1.9 + QUIET_S
    assert one.due({"/fader": 0.59}, 1.9 + QUIET_S * 0.99) == {}
    assert one.due({"/fader": 0.59}, 1.9 + QUIET_S) == {"/fader": 0.59}
    assert one.next_due() is None
    assert one.due({"/fader": 0.59}, 9.0) == {}


def test_a_switch_is_confirmed_as_soon_as_it_is_so() -> None:
    one = target()
    one.due({"/mute": 0}, 0.0)
    one.hold("/mute", 1, 1.0)
    assert one.due({"/mute": 0}, 1.01) == {}
    assert one.due({"/mute": 1}, 1.02) == {"/mute": 1}


def test_a_switch_whose_request_was_refused_is_set_back() -> None:
    one = target()
    one.due({"/mute": 0}, 0.0)
    one.hold("/mute", 1, 1.0)
    assert one.due({"/mute": 0}, 1.0 + QUIET_S) == {"/mute": 0}


def test_to_ask_for_everything_again_moves_no_fader_that_is_held() -> None:
    one = target()
    one.hold("/fader", 0.7, 1.0)
    one.forget_shown()
    assert one.due({"/fader": 0.5, "/a": 1}, 1.1) == {"/a": 1}


def test_a_sender_is_answered_where_it_sends_from_or_at_the_port_of_the_settings() -> None:
    targets = Targets(60)
    assert targets.heard(("10.0.0.1", 5555), 0, 0.0).address == ("10.0.0.1", 5555)
    assert targets.heard(("10.0.0.1", 5555), 9000, 0.0).address == HERE
    assert targets.heard(("::1", 5555, 0, 7), 9000, 0.0).address == ("::1", 9000, 0, 7)


def test_a_sender_that_names_a_port_is_answered_there_alone() -> None:
    targets = Targets(60)
    source = ("10.0.0.1", 5555)
    targets.heard(source, 0, 0.0)
    assert targets.answer_at(source, 9000, 1.0).address == HERE
    assert [one.address for one in targets] == [HERE]
    assert targets.heard(source, 0, 2.0).address == HERE
    targets.remove(source, 0)
    assert len(targets) == 0
    assert targets.heard(source, 0, 3.0).address == source


def test_who_is_silent_is_forgotten_unless_fixed() -> None:
    targets = Targets(60)
    targets.fix(HERE, 0.0)
    targets.heard(("10.0.0.2", 1), 0, 10.0)
    targets.answer_at(("10.0.0.3", 1), 9000, 10.0)
    targets.heard(("10.0.0.3", 1), 0, 30.0)
    assert targets.expire(69.9) == []
    assert [one.address[0] for one in targets.expire(70.0)] == ["10.0.0.2"]
    assert [one.address[0] for one in targets.expire(90.0)] == ["10.0.0.3"]
    assert [one.address for one in targets] == [HERE]
    assert targets._moved == {}


def test_one_that_is_fixed_stays_so_whatever_it_says() -> None:
    targets = Targets(60)
    targets.heard(HERE, 0, 0.0)
    targets.fix(HERE, 0.0)
    targets.remove(HERE, 0)
    assert targets.expire(1e9) == []
    assert len(targets) == 1


def test_of_too_many_the_one_that_was_silent_for_longest_goes() -> None:
    targets = Targets(1e9)
    targets.fix(("10.9.9.9", 9), 0.0)
    for number in range(MOST + 3):
        targets.heard(("10.0.0.1", 1000 + number), 0, float(number))
    assert len(targets) == MOST + 1
    ports = {one.address[1] for one in targets}
    assert 1002 not in ports
    assert 1003 in ports
    assert 9 in ports


def test_all_of_one_host_are_found() -> None:
    targets = Targets(60)
    for address in (("10.0.0.1", 1), ("10.0.0.1", 2), ("10.0.0.2", 1)):
        targets.heard(address, 0, 0.0)
    assert [one.address[1] for one in targets.at_host("10.0.0.1")] == [1, 2]
