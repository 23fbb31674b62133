"""What each right allows. One table for the server, the schema and the page that documents it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from common import requests
from common.messages import (
    AuthState,
    Devices,
    Ducking,
    Following,
    Invitations,
    Levels,
    Message,
    MixerState,
    PartyState,
    PeerState,
    Problem,
    PushState,
    Recording,
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
    requests.StartRecording: "control",
    requests.StopRecording: "control",
    requests.MarkRecording: "control",
    requests.SelectDevice: "admin",
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
