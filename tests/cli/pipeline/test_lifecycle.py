"""Starting and stopping, under a real supervisord."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess

import pytest

from cli.__main__ import main
from cli.pipeline.launch import in_background, supervisord
from cli.shared import started
from cli.shared.failures import CommandError
from cli.shared.supervisor import Supervisor, find
from common.errors import SupervisorError
from tests.cli.running import LIMIT_S, Home, two_lines
from tests.support.waiting import eventually


def has_ended(home: Home) -> bool:
    return home.supervisor() is None


def test_up_waits_until_everything_runs_and_down_until_nothing_does(home):
    started = home.run("up")
    assert started.code == 0, started.err
    assert "Every worker is running" in started.out
    assert "In the party “Friday raid” with Bo-Streams and Cleo_99." in started.out
    assert "partyline login" in started.out
    stopped = home.run("down")
    assert stopped.code == 0, stopped.err
    assert has_ended(home)
    assert (home.paths.home / "left").exists()
    assert home.run("status").code == 3


def test_listening_reports_stops_everything_and_exits_with_0(home):
    found = home.run("up", "--for", "2")
    assert found.code == 0, found.err
    assert "Listened for 2 s: 1 of 2 voices heard." in found.out
    assert "Cleo_99 was silent." in found.out
    assert found.out.index("Listened") < found.out.index("Leaving the party")
    assert has_ended(home)
    assert (home.paths.home / "left").exists()


def test_the_reports_json_is_all_of_standard_output(home):
    found = home.run("up", "--for", "1", "--json")
    assert found.code == 0, found.err
    assert [member["name"] for member in json.loads(found.out)["members"]] == ["Bo-Streams", "Cleo_99"]


def test_when_nobody_is_heard_it_gives_up_with_the_open_problems(home):
    home.write_conf(["broker", "auth", "audio", "session"])
    found = home.run("up", "--for", "1", "--unheard", "20")
    assert found.code == 1
    assert found.err.splitlines() == ["Nobody was heard within 20 s.", "Plug one in."]
    assert "Open problems:" in found.out
    assert has_ended(home)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)])
def test_a_signal_in_the_foreground_leaves_the_party_and_ends_everything(home, number, code):
    running = home.start("up", "--foreground")
    told = []
    while not all(said in "".join(told) for said in ("is heard", "In the party")):
        told.append(running.stdout.readline())
        assert told[-1], running.stderr.read()
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (code, "")
    assert "Leaving the party and stopping the pipeline" in out
    assert has_ended(home)
    assert (home.paths.home / "left").exists()


@pytest.mark.parametrize("how", ["killed", "unread"])
def test_a_foreground_that_is_killed_or_read_no_more_takes_the_pipeline_along(home, how):
    with home.start("up", "--foreground") as running:
        while "Every worker is running" not in running.stdout.readline():
            assert running.poll() is None, running.stderr.read()
        supervisord = home.supervisor()
        assert supervisord is not None
        if how == "killed":
            running.kill()
        else:
            running.stdout.close()
            with contextlib.suppress(SupervisorError):  # it may be on its way out already
                supervisord.restart(["auth"])  # something to tell
        assert running.wait(60) == (-signal.SIGKILL if how == "killed" else 0)
    eventually(lambda: has_ended(home), "the pipeline has ended", LIMIT_S)
    assert (home.paths.home / "left").exists()


def test_a_pipeline_that_is_stopped_from_elsewhere_ends_the_foreground(home):
    running = home.start("up", "--foreground")
    eventually(lambda: home.run("status").code == 0, "the pipeline answers", LIMIT_S)
    assert home.run("down").code == 0
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    assert "The pipeline was stopped." in out


def test_a_worker_that_does_not_start_is_named_with_its_log(home):
    home.write_conf(["broker", "auth", "crash"])
    found = home.run("up")
    assert found.code == 1
    what, remedy = found.err.splitlines()
    assert what.startswith("crash does not start")
    assert "Exited too quickly" not in what
    assert f"{home.folder}/var/log/crash.log" in remedy
    assert home.run("down").code == 0


def test_a_configuration_that_supervisord_refuses_is_quoted(home):
    home.conf.write_text("[supervisord]\nloglevel=nonsense\n")
    for words in (["up"], ["up", "--foreground"]):
        found = home.run(*words)
        assert found.code == 1
        assert "supervisord does not start: Error:" in two_lines(found)[0]


def test_a_missing_configuration_is_named(home):
    found = home.run("up", "--conf", str(home.folder / "none.conf"))
    assert found.code == 1
    assert two_lines(found)[0] == f"The file {home.folder}/none.conf does not exist."


def test_what_a_dead_pipeline_left_behind_confuses_nobody(home, monkeypatch):
    monkeypatch.delenv("PARTYLINE_CONF", raising=False)
    home.paths.make()
    stale = home.folder / "old.sock"
    home.paths.supervisor_file.write_text(f"unix://{stale}")
    assert not Supervisor(f"unix://{stale}").alive()
    started = home.run("up")
    assert started.code == 0, started.err
    # the workers have left the true URL by now, and it is found without the configuration
    assert find(home.paths) is not None
    pid = int((home.folder / "var" / "run" / "supervisord.pid").read_text())
    signal_hard(pid)
    eventually(lambda: home.run("status").code == 3, "the pipeline is gone", LIMIT_S)
    assert find(home.paths, str(home.conf)) is None
    again = home.run("up")
    assert again.code == 0, again.err


SLOW_START = """
import sys, time
if "supervisor.supervisord" in sys.orig_argv:
    time.sleep({seconds})
"""
"""A sitecustomize, by which a supervisord begins as late as on a machine under load."""


def slow(home, seconds: float) -> dict[str, str]:
    modules = home.folder / "modules"
    modules.mkdir(exist_ok=True)
    (modules / "sitecustomize.py").write_text(SLOW_START.format(seconds=seconds))
    return {"PYTHONPATH": str(modules)}


def test_down_waits_for_a_start_that_has_not_come_so_far(home):
    home.extra.update(slow(home, 4))
    starting = home.start("up")
    eventually(lambda: started.last(home.paths), "a supervisord was started", LIMIT_S)
    assert home.supervisor() is None
    stopped = home.run("down")
    assert stopped.code == 0, stopped.err
    assert "The pipeline is still starting." in stopped.out
    starting.communicate(timeout=LIMIT_S)
    assert has_ended(home)
    assert started.last(home.paths) is None
    assert home.run("down").code == 3


def test_a_start_that_is_given_up_leaves_nothing_behind(home, monkeypatch):
    for name, value in {**home.env, **slow(home, 60)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(started.StartedSupervisord.wait_for_answer, "__defaults__", (1.0,))
    home.paths.make()
    with pytest.raises(CommandError, match="did not answer"):
        in_background(home.conf, home.paths, home.supervisor)
    assert started.last(home.paths) is None
    assert has_ended(home)


def test_down_ends_a_supervisord_that_never_answers(home, monkeypatch):
    for name, value in {**home.env, **slow(home, 60)}.items():
        monkeypatch.setenv(name, value)
    home.paths.make()
    process = subprocess.Popen(supervisord(home.conf, "-n", "-s"), start_new_session=True)
    begun = started.note(home.paths, process.pid)
    monkeypatch.setattr(started.StartedSupervisord.wait_for_answer, "__defaults__", (1.0,))
    assert main(["down"]) == 0
    process.wait(LIMIT_S)
    assert not begun.is_there


def test_a_number_that_another_process_has_now_is_not_taken_for_the_supervisord(home):
    home.paths.make()
    started.note(home.paths, os.getpid())
    assert started.last(home.paths) is not None
    note = home.paths.run / started.NOTE
    note.write_text(json.dumps({**json.loads(note.read_text()), "born": 5.0}))
    assert started.last(home.paths) is None
    note.write_text("nonsense")
    assert started.last(home.paths) is None


def signal_hard(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_a_supervisord_that_serves_another_home_is_not_taken_for_ours(home):
    assert home.run("up").code == 0
    other = {"PARTYLINE_HOME": str(home.folder / "other")}
    for words in (["up"], ["up", "--for", "1"]):
        found = home.run(*words, env=other)
        assert found.code == 1
        assert two_lines(found)[0] == f"supervisord is already running, but there is no broker in {home.folder}/other."
    assert home.run("status", env=other).code == 3


def test_an_address_where_something_else_listens_is_no_supervisord(tmp_path):
    for url in ("http://127.0.0.1:9", f"unix://{tmp_path}/none"):
        assert not Supervisor(url).alive()


def test_login_without_a_pipeline_signs_in_by_auth_itself(home):
    # nothing listens on port 9: auth says so in its own words
    found = home.run(
        "login",
        "--npsso-file",
        "-",
        stdin="N" * 63 + "1",
        env={"PARTYLINE_PSN__ACCOUNT_URL": "http://127.0.0.1:9", "PARTYLINE_PSN__RETRIES": "1"},
    )
    assert found.code == 1
    assert two_lines(found)[0].endswith("The pipeline still uses the simulator.")
    assert not home.paths.settings_file.exists()
    assert home.run("demo").out.startswith("The pipeline will use the simulator.")
    assert 'realm = "simulator"' in home.paths.settings_file.read_text()


def test_a_worker_that_is_missing_is_not_waited_for_long(home):
    home.write_conf(["broker", "auth"])
    assert home.run("up").code == 0
    found = home.run("parties")
    assert found.code == 1
    assert two_lines(found) == (
        "The session worker is not running.",
        "See `partyline status`, then run `partyline restart session`.",
    )
