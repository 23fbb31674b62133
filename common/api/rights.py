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
    requests.SignIn: "an account is signed in by its owner, at the machine itself",
    requests.SignOut: "an account is signed out by its owner, at the machine itself",
    requests.AccessToken: "its answer is a secret",
    requests.WhoAmI: "it calls PlayStation's servers, and `account.state` says the same",
    requests.FindPictures: "the dashboard asks for it, at a pace",
    requests.RevealRecording: "it opens a window at the machine itself",
    requests.EndSignals: "workers ask it of each other",
    requests.HoldOffers: "workers ask it of each other",
    requests.SetVoiceChat: "workers ask it of each other",
}
"""Requests that no key allows, each with the reason."""

TOPICS: tuple[type[Message], ...] = (
    PartyState,
    PeerState,
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
