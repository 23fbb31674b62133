"""What each right allows. One table for the server, the schema and the page that documents it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from common import requests
from common.messages import (
    AuthState,
    ClipState,
    Devices,
    Ducking,
    Following,
    Invitations,
    Levels,
    Message,
    MixerState,
    ObsState,
    PartyState,
    PeerState,
    PlayoutDelay,
    Problem,
    PushState,
    Recording,
    RecordingList,
    Speaking,
    WorkerHealth,
)
from common.requests import Request

Right = Literal["read", "control", "admin"]
"""Each includes those before it."""
RIGHTS: tuple[Right, ...] = ("read", "control", "admin")
MAY: Mapping[Right, str] = {
    "read": "see the whole state and all events",
    "control": "see everything, set gain, mute, solo, delay and levelling, and record and save clips",
    "admin": "do all that, choose devices, set up OBS, handle recordings, and join, leave and run parties",
}
"""What each right allows, in words. They follow “it may”."""

NEEDED: Mapping[type[Request[Any]], Right] = {
    requests.SetGain: "control",
    requests.SetMute: "control",
    requests.SetSolo: "control",
    requests.SetMaster: "control",
    requests.SetTalkerProcessing: "control",
    requests.SetOwnMember: "control",
    requests.SetOutput: "control",
    requests.StartRecording: "control",
    requests.StopRecording: "control",
    requests.MarkRecording: "control",
    requests.KeepClip: "control",
    requests.SaveClip: "control",
    requests.SelectDevice: "admin",
    requests.AddOutput: "admin",
    requests.RemoveOutput: "admin",
    requests.RenameRecording: "admin",
    requests.DeleteRecording: "admin",
    requests.ExportRecording: "admin",
    requests.SetUpObs: "admin",
    requests.RemoveFromObs: "admin",
    requests.PutOverlayIntoObs: "admin",
    requests.TakeOverlayFromObs: "admin",
    requests.CheckObs: "admin",
    requests.TestObs: "admin",
    requests.TestTone: "admin",
    requests.MakeListenLink: "admin",
    requests.ForgetListeners: "admin",
    requests.ListParties: "admin",
    requests.JoinParty: "admin",
    requests.LeaveParty: "admin",
    requests.CreateParty: "admin",
    requests.RenameParty: "admin",
    requests.SetVisibility: "admin",
    requests.InvitePeople: "admin",
    requests.KickMember: "admin",
    requests.FollowPlayer: "admin",
}
"""The least right for a request."""
NOT_OFFERED: Mapping[type[Request[Any]], str] = {
    requests.SignIn: "an account is signed in by its owner, at the machine itself or a paired one that may",
    requests.SignOut: "an account is signed out by its owner, at the machine itself or a paired one that may",
    requests.AccessToken: "its answer is a secret",
    requests.WhoAmI: "it calls PlayStation's servers, and `account.state` says the same",
    requests.FindPictures: "the dashboard asks for it, at a pace",
    requests.RevealRecording: "it opens a window at the machine itself",
    requests.EndSignals: "workers ask it of each other",
    requests.HoldOffers: "workers ask it of each other",
    requests.SetVoiceChat: "workers ask it of each other",
    requests.OpenListening: "`/api/v1/whep` asks for it",
    requests.CloseListening: "`/api/v1/whep` asks for it",
}
"""Requests that no key allows, each with the reason."""
OF_THE_PAGE: tuple[type[Request[Any]], ...] = (requests.SignIn, requests.RevealRecording)
"""Those of them that the dashboard's own page may ask, at the machine itself."""
LASTING: Mapping[type[Request[Any]], str] = {
    requests.LeaveParty: "You leave the party. Coming back may need an invitation, and an empty party is gone.",
    requests.JoinParty: "You leave the party that you are in, and the members of the other one see you come.",
    requests.CreateParty: "You leave the party that you are in.",
    requests.FollowPlayer: "You leave the party that you are in, and go where that account goes.",
    requests.KickMember: "The member is removed from the party.",
    requests.InvitePeople: "The people get their invitations at once.",
    requests.RenameParty: "Every member gets to see the new name.",
    requests.SetVisibility: "An open party can be joined by people whom nobody invited.",
    requests.DeleteRecording: "The recording moves to the trash.",
    requests.StopRecording: "The recording ends. Another one gets its own files.",
    requests.RemoveFromObs: "partyline's sources disappear from your scenes in OBS.",
    requests.ForgetListeners: "Who came by a link hears nothing more, and needs a new one.",
    requests.RemoveOutput: "The output and its gain and delay are forgotten.",
}
"""Requests that are not undone by another one alone, with what happens. A tool asks before it makes them."""

TOPICS: tuple[type[Message], ...] = (
    PartyState,
    PeerState,
    PlayoutDelay,
    Speaking,
    Levels,
    MixerState,
    Ducking,
    Recording,
    RecordingList,
    ClipState,
    ObsState,
    Devices,
    WorkerHealth,
    Problem,
    PushState,
    AuthState,
    Invitations,
    Following,
)
"""The messages that may be subscribed to. All of them may be read with every key: no message holds a secret."""


def allows(right: Right, needed: Right) -> bool:
    return RIGHTS.index(right) >= RIGHTS.index(needed)
