"""The commands against a running pipeline (stand-in workers, real bus, real supervisord)."""

from __future__ import annotations

import json
import signal
import wave

import numpy as np
import pytest

from tests.cli.fakeworker import SESSION
from tests.cli.running import Home, two_lines
from tests.support.waiting import eventually


def status(home: Home) -> dict:
    found = home.run("status", "--json")
    assert found.code == 0, found.err
    return json.loads(found.out)


def test_status_shows_the_party_and_exits_with_0(pipeline):
    found = pipeline.run("status")
    assert found.code == 0
    assert found.err == ""
    assert "Bo-Streams (host)  PS5     speaking  connected" in found.out
    assert "\x1b" not in found.out


def test_status_json_has_everything(pipeline):
    data = status(pipeline)
    assert data["realm"] == "simulator"
    assert [member["online_id"] for member in data["party"]["members"]] == ["Ava-Demo", "Bo-Streams", "Cleo_99"]
    assert {worker["worker"] for worker in data["workers"]} >= {"broker", "auth", "media", "audio", "session"}
    assert data["problems"][0]["remedy"] == "Plug one in."


def test_watching_the_status_gives_a_line_each_second_until_ctrl_c(pipeline):
    watching = pipeline.start("status", "--watch", "--json")
    lines = [watching.stdout.readline() for _ in range(2)]
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=30)
    assert watching.returncode == 130
    assert err == ""
    assert json.loads(lines[0])["at"] < json.loads(lines[1])["at"]


def test_the_parties_are_listed(pipeline):
    assert f"Bo-Streams  2 of 16: Bo-Streams, Cleo_99  {SESSION}" in pipeline.run("parties").out
    assert json.loads(pipeline.run("parties", "--json").out)[0]["session_id"] == SESSION


def test_joining_shows_who_is_there(pipeline):
    found = pipeline.run("join")
    assert found.code == 0
    assert found.out.startswith("In the party “Friday raid” with Bo-Streams and Cleo_99.")
    assert json.loads(pipeline.run("join", "--json", SESSION).out)["phase"] == "joined"


@pytest.mark.parametrize("words", [["-Abcdefghijklmnopqrstu"], ["-Abcdefghijklmnopqrstu", "--timeout", "5"]])
def test_a_link_id_may_begin_with_a_dash(words, pipeline):
    assert pipeline.run("join", *words).code == 0


def test_a_party_that_does_not_exist_is_two_lines_and_exit_code_1(pipeline):
    found = pipeline.run("join", "nowhere")
    assert found.code == 1
    assert two_lines(found) == ("There is no such party. (reference ref-1)", "Ask for a new link.")


def test_a_members_gain_and_mute_reach_the_mixer(pipeline):
    assert pipeline.run("gain", "bo-streams", "-6").out == "The gain of Bo-Streams is -6 dB.\n"
    assert pipeline.run("mute", "2.PS5").code == 0
    talker = status(pipeline)["mixer"]["talkers"][0]
    assert (talker["gain_db"], talker["muted"]) == (-6.0, True)
    assert pipeline.run("unmute", "BO-STREAMS").out == "Bo-Streams is no longer muted.\n"
    assert not status(pipeline)["mixer"]["talkers"][0]["muted"]


def test_a_members_solo_and_the_master_reach_the_mixer(pipeline):
    assert "Bo-Streams is solo" in pipeline.run("solo", "bo-streams").out
    assert status(pipeline)["mixer"]["talkers"][0]["solo"]
    assert pipeline.run("unsolo", "bo-streams").out == "Bo-Streams is no longer solo.\n"
    assert not status(pipeline)["mixer"]["talkers"][0]["solo"]
    said = pipeline.run("master", "--gain", "-3", "--delay", "250", "--levelling", "on", "--newcomers", "-6").out
    assert said == "The mix has a gain of -3 dB and a delay of 250 ms.\nNewcomers start with -6 dB. Levelling is on.\n"
    assert status(pipeline)["mixer"]["delay_ms"] == 250
    assert '"levelling": false' in pipeline.run("master", "--levelling", "off", "--json").out


def test_a_members_voice_is_processed_and_what_is_not_named_stays(pipeline):
    said = pipeline.run("voice", "bo-streams", "--gate", "-45", "--suppress", "on").out
    assert said == "Bo-Streams has a gate at -45 dBFS and no equaliser. Noise suppression is on.\n"
    pipeline.run("voice", "bo-streams", "--eq", "dull", "--gate", "off")
    found = status(pipeline)["mixer"]["talkers"][0]["processing"]
    assert found == {"suppress": True, "eq": "dull", "pan": 0}
    said = pipeline.run("voice", "bo-streams", "--off").out
    assert said == "Bo-Streams has no gate and no equaliser. Noise suppression is off.\n"
    assert '"gate_db": null' in pipeline.run("voice", "bo-streams", "--json").out
    assert pipeline.run("voice", "bo-streams", "--gate", "-5").code == 2
    assert "The voice is panned 40 % left.\n" in pipeline.run("voice", "bo-streams", "--pan", "-0.4").out
    assert pipeline.run("voice", "bo-streams", "--pan", "2").code == 2
    pipeline.run("voice", "bo-streams", "--off")


def test_the_device_is_chosen_by_name_and_listed(pipeline):
    said = pipeline.run("device", "blackhole").out
    assert said.startswith("The sound goes to “BlackHole 16ch” from now on.\n")
    lines = pipeline.run("devices").out.splitlines()
    assert any("BlackHole 16ch" in line and "16 channels" in line and "plays now" in line for line in lines)
    assert any("Speakers" in line and "the default" in line for line in lines)
    assert "follows the system's default" in pipeline.run("device", "--default").out
    unnamed = pipeline.run("device")
    assert unnamed.code == 2
    assert "partyline devices" in unnamed.err


def test_an_unknown_member_is_answered_with_who_is_there(pipeline):
    found = pipeline.run("mute", "Bob")
    assert found.code == 1
    assert two_lines(found)[1] == "The others in the party are: Bo-Streams, Cleo_99."


def test_the_tap_shows_what_was_there_and_what_comes(pipeline):
    found = pipeline.run("tap", "--for", "1.5", "party.state", "peer.state/2")
    assert found.code == 0
    topics = [line.split()[2] for line in found.out.splitlines()]
    assert "party.state/" in topics
    assert topics.count("peer.state/2.PS5") >= 2
    assert set(topics) == {"party.state/", "peer.state/2.PS5"}


def test_the_tap_can_leave_out_what_was_there(pipeline):
    found = pipeline.run("tap", "--for", "1", "--no-retained", "--json", "party.state", "audio.mixer")
    lines = [json.loads(line) for line in found.out.splitlines()]
    assert lines
    assert {line["topic"] for line in lines} == {"audio.mixer/"}


def test_a_closed_pipe_ends_the_tap_quietly(pipeline):
    tapping = pipeline.start("tap", "--json")
    assert json.loads(tapping.stdout.readline())
    tapping.stdout.close()
    assert tapping.wait(30) == 0
    assert tapping.stderr.read() == ""
    tapping.stderr.close()


def test_ctrl_c_ends_the_tap_quietly(pipeline):
    tapping = pipeline.start("tap")
    tapping.stdout.readline()
    tapping.send_signal(signal.SIGINT)
    _, err = tapping.communicate(timeout=30)
    assert (tapping.returncode, err) == (130, "")


def test_a_members_voice_goes_into_a_wav_with_its_gaps(pipeline, tmp_path):
    file = tmp_path / "bo.wav"
    found = pipeline.run("tap", "--audio", "Bo-Streams", "--wav", str(file), "--for", "2")
    assert found.code == 0, found.err
    with wave.open(str(file)) as wav:
        frames = np.frombuffer(wav.readframes(wav.getnframes()), "<i2").reshape(-1, 480)[:, 0]
    assert len(frames) > 50
    silent = np.flatnonzero(frames == 0)
    assert (np.diff(silent) == 10).all()  # every tenth frame was never sent
    assert set(frames.tolist()) == {0, 1000}


def test_a_voice_that_does_not_come_is_exit_code_1(pipeline, tmp_path):
    found = pipeline.run("tap", "--audio", "Cleo_99", "--wav", str(tmp_path / "x.wav"), "--for", "0.5")
    assert found.code == 1
    assert found.err.splitlines()[-2] == "No sound of Cleo_99 arrived."


def test_up_says_that_it_runs_already(pipeline):
    found = pipeline.run("up")
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith("The pipeline is already running.")


def test_listening_to_a_running_pipeline_reports_and_leaves_it_running(pipeline):
    found = pipeline.run("up", "--for", "2", "--json")
    assert found.code == 0, found.err
    report = json.loads(found.out)
    bo = next(member for member in report["members"] if member["name"] == "Bo-Streams")
    assert report["listened_s"] == pytest.approx(2, abs=1)
    assert 0.5 < bo["heard_s"] < 6
    assert (bo["age_ms"], bo["delay_ms"]) == (60.0, 65.0)
    assert "Bo-Streams is heard." in found.err
    assert pipeline.run("status").code == 0


def test_a_restarted_worker_has_a_new_boot_when_the_command_ends(pipeline):
    before = {worker["worker"]: worker["boot"] for worker in status(pipeline)["workers"]}
    found = pipeline.run("restart", "media", "audio")
    assert found.code == 0, found.err
    assert found.out.startswith("audio and media run again after")
    after = {worker["worker"]: worker["boot"] for worker in status(pipeline)["workers"]}
    assert {name for name in before if before[name] != after[name]} == {"media", "audio"}


def test_all_workers_restart_with_the_broker_among_them(pipeline):
    assert pipeline.run("restart", "all").code == 0
    assert status(pipeline)["party"]["phase"] == "joined"


def test_an_unknown_worker_is_a_usage_error(pipeline):
    found = pipeline.run("restart", "mediaa")
    assert found.code == 2
    assert two_lines(found)[1].startswith("Workers: broker, simulator, auth")


def test_login_and_demo_turn_the_running_pipeline(pipeline, tmp_path):
    npsso = "N" * 63 + "1"
    refused = pipeline.run("login", "--npsso-file", "-", stdin="Z" * 64)
    assert refused.code == 1
    assert two_lines(refused) == (
        "PlayStation did not accept that NPSSO. The pipeline still uses the simulator.",
        "Copy it again from the page.",
    )
    data = status(pipeline)
    assert (data["auth"]["realm"], data["party"]["phase"]) == ("simulator", "joined")
    assert not pipeline.paths.settings_file.exists()
    signed_in = pipeline.run("login", "--npsso-file", "-", stdin=npsso)
    assert signed_in.code == 0, signed_in.err
    assert "Signed in to PlayStation Network as Real-Ava. The sign-in is valid for at most 60 days." in signed_in.out
    assert npsso not in signed_in.out
    data = status(pipeline)
    assert (data["auth"]["realm"], data["auth"]["online_id"]) == ("playstation", "Real-Ava")
    assert 'realm = "playstation"' in pipeline.paths.settings_file.read_text()
    refused = pipeline.run("login", "--npsso-file", "-", stdin="Z" * 64)
    assert two_lines(refused)[0].endswith("The earlier sign-in as Real-Ava is still valid.")
    who = pipeline.run("whoami")
    assert who.out.startswith("Real-Ava on PlayStation Network\n  account id  9\n")
    assert "in the keychain" in who.out
    assert json.loads(pipeline.run("whoami", "--json").out)["days_left"] == pytest.approx(60, abs=0.1)
    pipeline.run("join")
    boots = {worker["worker"]: worker["boot"] for worker in status(pipeline)["workers"]}
    out = pipeline.run("logout")
    assert (out.code, out.err) == (0, "")
    assert out.out.startswith("Signed out of PlayStation Network")
    data = status(pipeline)
    assert (data["auth"]["realm"], data["auth"]["state"]) == ("playstation", "signed_out")
    assert data["party"]["phase"] == "none"
    after = {worker["worker"]: worker["boot"] for worker in data["workers"]}
    assert {name for name in boots if boots[name] != after[name]} == {"session", "signaling"}
    nobody = pipeline.run("whoami")
    assert nobody.code == 1
    assert two_lines(nobody) == ("Nobody is signed in to PlayStation Network.", "Sign in with `partyline login`.")
    back = pipeline.run("demo")
    assert back.code == 0, back.err
    eventually(lambda: status(pipeline)["auth"]["online_id"] == "Ava-Demo", "the demo account is back")
    assert pipeline.run("demo").out.startswith("The pipeline already uses the simulator.")


def test_leaving_leaves(pipeline):
    assert pipeline.run("leave").out == "Left the party.\n"
    assert status(pipeline)["party"]["phase"] == "none"
    assert pipeline.run("leave").out == "There was no party to leave.\n"
    assert pipeline.run("join").code == 0


def test_supervisorctl_and_the_command_line_see_the_same(pipeline):
    assert pipeline.supervisor() is not None
    names = [process.name for process in pipeline.supervisor().processes()]
    assert names == ["broker", "simulator", "auth", "audio", "media", "signaling", "session"]
