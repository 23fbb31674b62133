from __future__ import annotations

from pathlib import Path

import pytest

from common.config.further_output import FurtherOutput
from common.config.settings import load
from common.config.tables import Settings
from common.errors import SettingsError
from common.files.paths import Paths


def settings(home: Path, toml: str = "", **environ: str) -> Settings:
    (home / "partyline.toml").write_text(toml)
    return load(Paths(home), environ)


def test_without_file_and_variables_the_realm_is_the_simulator(home: Path) -> None:
    assert load(Paths(home), {}).psn.realm == "simulator"


def test_the_file_is_read_and_a_variable_wins_over_it(home: Path) -> None:
    got = settings(home, '[audio]\nsink = "file"\nfile = "a.wav"\n', PARTYLINE_AUDIO__FILE="b.wav")
    assert (got.audio.sink, got.audio.file) == ("file", "b.wav")


def test_variables_are_read_as_the_type_of_their_setting(home: Path) -> None:
    got = settings(
        home,
        PARTYLINE_AUDIO__QUEUE_MS="30",
        PARTYLINE_MEDIA__OFFER_AFTER_S="0.5",
        PARTYLINE_SIMULATOR__DEMO="false",
        PARTYLINE_ICE__STUN_SERVERS="stun:a:1, stun:b:2",
        PARTYLINE_ICE__LOOPBACK="true",
    )
    assert (got.audio.queue_ms, got.media.offer_after_s, got.simulator.demo) == (30, 0.5, False)
    assert (got.ice.stun_servers, got.ice.loopback) == (("stun:a:1", "stun:b:2"), True)


def test_further_outputs_are_tables_or_a_variable_of_json(home: Path) -> None:
    wanted = {"obs": FurtherOutput(device="BlackHole", delay_ms=120)}
    assert settings(home, '[audio.outputs.obs]\ndevice = "BlackHole"\ndelay_ms = 120\n').audio.outputs == wanted
    with pytest.raises(SettingsError, match=r"audio\.outputs: 'main'"):
        settings(home, "[audio.outputs.main]\ndevice = 'x'\n")
    (home / "partyline.toml").unlink()
    variable = '{"obs": {"device": "BlackHole", "delay_ms": 120}}'
    assert load(Paths(home), {"PARTYLINE_AUDIO__OUTPUTS": variable}).audio.outputs == wanted


def test_no_stun_server_can_be_said_in_a_variable(home: Path) -> None:
    assert settings(home, PARTYLINE_ICE__STUN_SERVERS="").ice.stun_servers == ()
    assert settings(home, PARTYLINE_ICE__STUN_SERVERS="[]").ice.stun_servers == ()


@pytest.mark.parametrize(
    ("toml", "place"),
    [
        ("[psn]\nrelam = 'simulator'\n", "relam"),
        ("[psm]\n", "psm"),
        ("[psn]\nrealm = 'xbox'\n", r"psn\.realm"),
        ("[audio]\nqueue_ms = 'long'\n", r"audio\.queue_ms"),
        ("[audio\n", "not valid TOML"),
        ("[psn]\nmobile_url = 'http://m.example'\n", r"psn\.mobile_url.*in the clear"),
        ("[psn]\nmobile_url = 'ftp://127.0.0.1'\n", r"psn\.mobile_url"),
        ("[psn]\npush_socket_url = 'ws://example.net/x'\n", r"psn\.push_socket_url"),
        ("[audio.outputs.obs]\ngain_db = 1\n", r"audio\.outputs"),
        ("[audio.outputs.obs]\ndevice = 'x'\ngain_db = 30\n", "at most 20"),
        ("[audio.outputs]\n" + "".join(f"{name} = {{ device = 'x' }}\n" for name in "abcd"), r"audio\.outputs"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_file_and_place(home: Path, toml: str, place: str) -> None:
    with pytest.raises(SettingsError, match=place) as caught:
        settings(home, toml)
    assert caught.value.remedy
    assert "partyline.toml" in caught.value.message or "psn." in caught.value.message


@pytest.mark.parametrize(
    "variable",
    ["PARTYLINE_PSN__RELAM", "PARTYLINE_NOPE__X", "PARTYLINE_AUDIO__QUEUE_MS", "PARTYLINE_PSN__REALM"],
)
def test_a_wrong_variable_is_an_error_that_names_it(home: Path, variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        settings(home, **{variable: "nonsense"})


@pytest.mark.parametrize("host", ["127.0.0.1:81", "localhost:81", "[::1]:81", "127.9.9.9"])
def test_plain_http_is_fine_towards_loopback(home: Path, host: str) -> None:
    got = settings(home, PARTYLINE_PSN__MOBILE_URL=f"http://{host}", PARTYLINE_PSN__PUSH_SOCKET_URL="ws://{fqdn}/p")
    assert got.psn.mobile_url == f"http://{host}"


def test_sockets_of_a_deep_home_fit_into_a_macs_limit(tmp_path: Path) -> None:
    deep = Paths(tmp_path.joinpath(*["a-long-folder-name"] * 8))
    assert len(str(deep.run / "audio-media.sock")) < 104
    assert deep.run == Paths(deep.home).run
    assert deep.run != Paths(deep.home / "other").run


@pytest.mark.parametrize(
    "variable", ["PARTYLINE_PSN__CALLS_PER_S", "PARTYLINE_PSN__CALL_BURST", "PARTYLINE_PSN__RETRIES"]
)
def test_a_pace_that_cannot_be_kept_is_refused(home: Path, variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        settings(home, **{variable: "0"})


@pytest.mark.parametrize(
    ("key", "value"),
    [("allow", "ipad.local"), ("allow", "127.0.0.1,10.0.0.0/99"), ("targets", "10.0.0.1"), ("targets", "10.0.0.1:0")],
)
def test_an_address_of_osc_that_is_none_is_refused(home: Path, key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"osc\.{key}") as caught:
        settings(home, **{f"PARTYLINE_OSC__{key.upper()}": value})
    assert caught.value.remedy


def test_addresses_of_osc_are_written_with_commas(home: Path) -> None:
    got = settings(home, PARTYLINE_OSC__ALLOW="127.0.0.1, 10.0.0.0/24", PARTYLINE_OSC__TARGETS="ipad.local:9000").osc
    assert (got.allow, got.targets) == (("127.0.0.1", "10.0.0.0/24"), ("ipad.local:9000",))
