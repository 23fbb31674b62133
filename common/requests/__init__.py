"""Every request: a question to one worker, answered with `REPLY`.

It goes straight to the worker's socket, without the broker. On failure the reply is a typed
`common.errors.PartylineError` with a remedy. Replies may hold secrets. Messages may not.
"""

from __future__ import annotations

from typing import Any

from common.requests.account import AccessToken, FindPictures, Pictures, SignIn, SignInInfo, SignOut, Token, WhoAmI
from common.requests.audio import SelectDevice, SetGain, SetMaster, SetMute, SetOwnMember, SetSolo
from common.requests.base import Done, Request
from common.requests.clips import KeepClip, SaveClip, SavedClip
from common.requests.library import DeleteRecording, ExportRecording, RenameRecording, RevealRecording
from common.requests.obs import (
    CheckObs,
    ObsChange,
    ObsChanged,
    ObsTestResult,
    PutOverlayIntoObs,
    RemoveFromObs,
    SetUpObs,
    TakeOverlayFromObs,
    TestObs,
    TestTone,
)
from common.requests.outputs import AddOutput, RemoveOutput, SetOutput
from common.requests.party import (
    CreateParty,
    FollowPlayer,
    Invited,
    InvitePeople,
    JoinParty,
    KickMember,
    LeaveParty,
    ListParties,
    Parties,
    PartySummary,
    RenameParty,
    SetVisibility,
)
from common.requests.processing import SetTalkerProcessing
from common.requests.recording import MarkRecording, StartRecording, StopRecording
from common.requests.signals import EndSignals, HoldOffers, SetVoiceChat

REQUESTS: tuple[type[Request[Any]], ...] = (
    SignIn,
    AccessToken,
    WhoAmI,
    SignOut,
    ListParties,
    JoinParty,
    LeaveParty,
    CreateParty,
    RenameParty,
    SetVisibility,
    InvitePeople,
    KickMember,
    FollowPlayer,
    FindPictures,
    EndSignals,
    HoldOffers,
    SetVoiceChat,
    SetGain,
    SetMute,
    SetSolo,
    SetOwnMember,
    SetTalkerProcessing,
    SetMaster,
    SelectDevice,
    AddOutput,
    RemoveOutput,
    SetOutput,
    StartRecording,
    StopRecording,
    MarkRecording,
    SaveClip,
    KeepClip,
    RenameRecording,
    DeleteRecording,
    RevealRecording,
    ExportRecording,
    SetUpObs,
    RemoveFromObs,
    PutOverlayIntoObs,
    TakeOverlayFromObs,
    CheckObs,
    TestObs,
    TestTone,
)
"""Every request class."""

__all__ = [
    "REQUESTS",
    "AccessToken",
    "AddOutput",
    "CheckObs",
    "CreateParty",
    "DeleteRecording",
    "Done",
    "EndSignals",
    "ExportRecording",
    "FindPictures",
    "FollowPlayer",
    "HoldOffers",
    "InvitePeople",
    "Invited",
    "JoinParty",
    "KeepClip",
    "KickMember",
    "LeaveParty",
    "ListParties",
    "MarkRecording",
    "ObsChange",
    "ObsChanged",
    "ObsTestResult",
    "Parties",
    "PartySummary",
    "Pictures",
    "PutOverlayIntoObs",
    "RemoveFromObs",
    "RemoveOutput",
    "RenameParty",
    "RenameRecording",
    "Request",
    "RevealRecording",
    "SaveClip",
    "SavedClip",
    "SelectDevice",
    "SetGain",
    "SetMaster",
    "SetMute",
    "SetOutput",
    "SetOwnMember",
    "SetSolo",
    "SetTalkerProcessing",
    "SetUpObs",
    "SetVisibility",
    "SetVoiceChat",
    "SignIn",
    "SignInInfo",
    "SignOut",
    "StartRecording",
    "StopRecording",
    "TakeOverlayFromObs",
    "TestObs",
    "TestTone",
    "Token",
    "WhoAmI",
]
