"""The view of the outputs, and the words of `partyline output`."""

from __future__ import annotations

import pytest

from cli.shared.failures import UsageError
from cli.shared.terminal import Style
from cli.sound import output as module
from common.messages import OutputStatus
from common.requests import AddOutput, Done, RemoveOutput, SetOutput

MAIN = OutputStatus(name="main", phase="playing", where="to the sound device “Ears”", latency_ms=48.2)
OBS = OutputStatus(
    name="obs",
    phase="playing",
    where="to the sound device “BlackHole”",
    gain_db=-3,
    delay_ms=5,
    own_delay=True,
    latency_ms=30.1,
)
TV = OutputStatus(
    name="tv", phase="waiting", where="nowhere: there is no sound device “TV” that takes sound", muted=True
)


@pytest.fixture
def asked(monkeypatch, capsys):
    """Return what a line asks of audio, and what it prints."""

    def ask(*words: str):
        requests = []

        async def once(request, _wait_s):
            requests.append(request)
            return Done(message="It is done.")

        monkeypatch.setattr(module, "ask_once", once)
        assert module.COMMANDS["output"].execute("output", list(words)) == 0
        return requests, capsys.readouterr().out

    return ask


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("add BlackHole", AddOutput(device="BlackHole")),
        ("add 2 --name obs", AddOutput(device="2", name="obs")),
        ("remove obs", RemoveOutput(name="obs")),
        ("gain obs -3.5", SetOutput(name="obs", gain_db=-3.5)),
        ("delay obs 120", SetOutput(name="obs", delay_ms=120)),
        ("delay obs mix", SetOutput(name="obs", follow_mix_delay=True)),
        ("mute main", SetOutput(name="main", muted=True)),
        ("unmute main", SetOutput(name="main", muted=False)),
        ("device obs TV", SetOutput(name="obs", device="TV")),
    ],
)
def test_what_a_line_asks(asked, words: str, request_: object) -> None:
    requests, out = asked(*words.split())
    assert requests == [request_]
    assert out


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("gain obs loud", "'loud' is not a gain from -60 to 20 dB"),
        ("delay obs 3000", "'3000' is not a delay from 0 to 2000 ms"),
        ("gain Obs 3", "'Obs' is not a name of an output"),
        ("remove averyveryverylongname", "is not a name of an output"),
        ("", "ACTION"),
    ],
)
def test_what_a_line_may_not_say(words: str, part: str) -> None:
    with pytest.raises(UsageError) as caught:
        module.COMMANDS["output"].execute("output", words.split())
    assert part in caught.value.message


def test_the_table_says_where_each_goes_and_how() -> None:
    head, *rows = [" ".join(line.split()) for line in module.lines((MAIN, OBS, TV), Style(on=False))]
    assert head == "OUTPUT PLAYS GAIN DELAY LATENCY"
    assert rows[0].startswith("main to the sound device “Ears” 0 dB 0 ms (the mix) 48 ms")
    assert rows[1].startswith("obs to the sound device “BlackHole” -3 dB 5 ms 30 ms")
    assert "muted" in rows[2]
    assert rows[2].endswith("-")


def test_it_advises_the_delay_that_lines_the_outputs_up() -> None:
    assert module.advice((MAIN, OBS, TV)) == [
        "“obs” is 13 ms earlier than “main”. `partyline output delay obs 18` lines it up."
    ]
    assert module.advice((MAIN,)) == []
    assert module.advice((MAIN, TV)) == []
