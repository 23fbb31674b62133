"""`partyline obs lipsync`: measures, proposes one delay, and sets it where the user wants it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from cli.obs.lip_sync.estimate import Lag, lag
from cli.obs.lip_sync.listen import listen
from cli.obs.lip_sync.proposal import UNCERTAIN_MS, Offsets, Proposal, Where, doubt, propose
from cli.shared.bus_state import BusState
from cli.shared.connect import QUICK_S, ask, connect, run
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import echo, echo_json, printable
from common.bus import Bus
from common.config.settings import load
from common.files.paths import Paths
from common.messages import MixerState, PlayoutDelay
from common.obs.connection import ObsConnection, ObsRefusedError
from common.obs.connection import connect as connect_obs
from common.obs.memory import ObsMemoryFile
from common.obs.plan import ours
from common.obs.setup import present
from common.requests import SetMaster

SECONDS = 20.0
"""What `benchmarks.obs.lip_sync` was measured with."""
_PLACES: dict[Where, str] = {"obs": "as the sync offset of our sources in OBS.", "here": "in partyline's mix."}
_MICROPHONES = ("mic1", "mic2", "mic3", "mic4")


@dataclass(frozen=True)
class _Measured:
    proposal: Proposal
    sources: tuple[str, ...]
    microphone: str
    is_steady: bool
    """Whether all talkers have one delay, which OBS's sync offset follows."""


def lip_sync(args: argparse.Namespace) -> int:
    if not (args.yes or _consents(args.seconds)):
        raise CommandError("Nothing was measured.", "With --yes it does not ask.")
    found = run(_lip_sync(args))
    proposal = found.proposal
    if args.json:
        echo_json({**asdict(proposal), "uncertain_ms": UNCERTAIN_MS, "set": args.set or ""})
        return OK
    side = "after" if proposal.behind_ms >= 0 else "before"
    echo(
        f"On the stream your voice came from the party {abs(proposal.behind_ms)} ms {side} "
        f"{printable(found.microphone)} (± {UNCERTAIN_MS} ms, correlation {proposal.likeness:.2f})."
    )
    echo("Judge the last of it by ear: record a sentence in OBS, and move the delay by some 20 ms.")
    if args.set == "obs":
        echo(f"OBS's sync offset of {', '.join(map(printable, found.sources))} is {proposal.delay_ms} ms now.")
        if not found.is_steady:
            echo('Each voice\'s delay follows its network. With [media] latency = "steady" this stays right.')
    elif args.set == "here":
        echo(f"partyline delays the party by {proposal.delay_ms} ms now.")
        if found.is_steady:
            echo("That does not follow when the delay of the voices changes. OBS's sync offset does: --set obs.")
    else:
        echo(f"A delay of {proposal.delay_ms} ms brings both together. It can be set in one place:")
        for where, place in _PLACES.items():
            echo(f"  --set {where}: {proposal.refusal(where) or place}")
    return OK


def _consents(seconds: float) -> bool:
    if not sys.stdin.isatty():
        return False
    echo(
        f"For {seconds:.0f} s partyline compares how loud your microphone is in OBS with how loud your voice is in the "
        "party. It keeps no sound, and nothing of it is stored or sent.\n"
        "Speak the whole time. Somebody else in the party should say something too."
    )
    return input("Go on? [y/N] ").strip().lower() in ("y", "yes")


async def _lip_sync(args: argparse.Namespace) -> _Measured:
    paths = Paths.of_environment()
    async with connect(paths) as (bus, state), connect_obs(load().obs, meters=True) as obs:
        mixer = state.one(MixerState)
        if mixer is None:
            raise CommandError("The audio worker does not answer.", "See `partyline status`.")
        account = _own_account(state, mixer, args.me)
        sources = await _our_sources(obs, paths)
        microphone = await _microphone(obs, args.microphone, sources)
        heard = await listen(
            obs,
            paths.run,
            microphone=microphone,
            ours=sources,
            account_id=account,
            gains=_gains(mixer),
            seconds=args.seconds,
        )
        mine, path = await asyncio.to_thread(
            lambda: (lag(heard.microphone, heard.own_voice), lag(heard.ours, heard.others))
        )
        now = Offsets(await _offset(obs, microphone), await _offset(obs, sources[0]), mixer.delay_ms)
        playout = state.one(PlayoutDelay)
        is_steady = playout is not None and playout.latency == "steady"
        found = _Measured(_proposal(mine, path, now, microphone), tuple(sources), microphone, is_steady)
        if args.set:
            refused = found.proposal.refusal(args.set)
            if refused:
                raise CommandError(
                    f"The party would need a delay of {found.proposal.delay_ms} ms. {refused}",
                    "Try --set obs, or delay the microphone and the picture in OBS instead.",
                )
            await _set(bus, obs, found, args.set)
        return found


def _proposal(mine: Lag | None, path: Lag | None, now: Offsets, microphone: str) -> Proposal:
    doubtful = doubt(mine, path, microphone)
    if doubtful is not None or mine is None or path is None:
        raise CommandError(*(doubtful or ("Nothing was heard.", "Try again.")))
    return propose(mine, path, now)


async def _set(bus: Bus, obs: ObsConnection, found: _Measured, where: str) -> None:
    """Set the delay there, and none at the other place."""
    in_obs, here = (found.proposal.delay_ms, 0) if where == "obs" else (0, found.proposal.delay_ms)
    await ask(bus, SetMaster(delay_ms=here), QUICK_S)
    for name in found.sources:
        await obs.call("SetInputAudioSyncOffset", inputName=name, inputAudioSyncOffset=in_obs)


def _gains(mixer: MixerState) -> dict[str, float]:
    """Return the factors of the talkers that are heard in the mix, by peer key."""
    heard = [one for one in mixer.talkers if not (one.muted or one.hushed)]
    return {one.peer: 10 ** ((one.gain_db + one.level_db) / 20) for one in heard}


def _own_account(state: BusState, mixer: MixerState, me: str) -> str:
    """Return the account of the person who runs partyline. Raises `CommandError`."""
    if me:
        others = state.others().values()
        found = next((one for one in others if me.casefold() in (one.online_id.casefold(), one.account_id)), None)
        if found is None:
            raise CommandError(f"Nobody in the party is called {me!r}.", "`partyline status` names the members.")
        return found.account_id
    if not mixer.own_account:
        raise CommandError("partyline does not know which member you are.", "Name your own account with --me NAME.")
    return mixer.own_account


async def _our_sources(obs: ObsConnection, paths: Paths) -> list[str]:
    memory = ObsMemoryFile(paths.state / "obs.json").now
    found = ours(await present(obs), memory.device_sources)
    names = [source.name for source in found if source.route(memory.device_sources)]
    if not names:
        raise CommandError("OBS has no source with the party's voices.", "Run `partyline obs setup` first.")
    return names


async def _microphone(obs: ObsConnection, wanted: str, own: Sequence[str]) -> str:
    """Return the name in OBS of the microphone's source. Raises `CommandError`."""
    if wanted:
        names = [str(one["inputName"]) for one in (await obs.call("GetInputList"))["inputs"]]
        found = next((name for name in names if name.casefold() == wanted.casefold() and name not in own), None)
        if found is None:
            listed = ", ".join(name for name in names if name not in own)
            raise CommandError(f"OBS has no source {wanted!r}.", f"The sources are: {listed}.")
        return found
    special = await obs.call("GetSpecialInputs")
    found = next((str(special[place]) for place in _MICROPHONES if special.get(place)), None)
    if found is None:
        raise CommandError(
            "OBS has no microphone in its audio settings.", "Name your microphone's source with --microphone NAME."
        )
    return found


async def _offset(obs: ObsConnection, name: str) -> float:
    try:
        return float((await obs.call("GetInputAudioSyncOffset", inputName=name))["inputAudioSyncOffset"])
    except ObsRefusedError as refusal:
        remedy = "Name your microphone with --microphone NAME."
        raise CommandError(f"{name!r} has no sound in OBS.", remedy) from refusal


def arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("--microphone", default="", metavar="NAME", help="source in OBS (default: OBS's first Mic/Aux)")
    one.add_argument("--me", default="", metavar="NAME", help="your own account (default: the one that you chose)")
    one.add_argument("--seconds", type=float, default=SECONDS, help=f"how long to listen (default: {SECONDS:.0f})")
    one.add_argument("--set", choices=("obs", "here"), help="set the delay in OBS, or in partyline's mix")
    one.add_argument("--yes", action="store_true", help="do not ask before it listens")
