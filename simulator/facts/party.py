"""Facts of sessionManager, custom data, share links, groups."""

from __future__ import annotations

from simulator.facts import fact

# --- the view -----------------------------------------------------------------------------------------

VIEW_KEY = fact(
    "party.view-key", "seen", "The view of a party answers under v2PartySessions; partySessions is v1's name.",
    "party-api.md: answers under `v2PartySessions`", ("v2PartySessions", "partySessions"),
)  # fmt: skip
VIEW_ENTRY = fact(
    "party.view-entry", "app", "A party's entry has owner, bridges and every member with joinOrder and custom data.",
    "party-api.md: An entry of the view has",
)  # fmt: skip
VIEW_VERSION = fact(
    "party.view-version", "app", "view=v3 and view=v2 are taken; anything else is refused.",
    "party-api.md: reads a party's bridges with `view=v2`",
)  # fmt: skip
VIEW_HEADER = fact(
    "party.view-header", "seen", "Which party is meant stands in a header of the view.",
    "party-api.md: X-PSN-SESSION-MANAGER-SESSION-IDS",
)  # fmt: skip
VIEW_CPSS = fact(
    "party.view-cpss", "seen", "The view carries the id of the link that one came by; a wrong one is refused.",
    "party-api.md: The view repeats the link's id",
)  # fmt: skip
VIEW_CPSS_MISSING = fact(
    "party.view-cpss-missing", "open", "Whether a view without that id is answered after a join by link.",
    "party-api.md: Whether a view without the link's id", ("answered", "refused"),
)  # fmt: skip
VIEW_TIMESTAMP = fact(
    "party.view-timestamp", "open", "joinTimestamp of the view is a string of milliseconds, or a number.",
    "party-api.md: `joinTimestamp` of the view", ("string", "number"),
)  # fmt: skip

# --- members ------------------------------------------------------------------------------------------

JOIN_ORDER = fact(
    "party.join-order", "app", "joinOrder counts the members as they join, in view, events and the 201 answers.",
    "party-api.md: `joinOrder` stands in",
)  # fmt: skip
TWICE = fact(
    "party.twice", "read", "One account may be a member twice, by phone and by console: (account, platform) counts.",
    "party-api.md: One account may be in a party twice",
)  # fmt: skip
CONTEXT = fact(
    "party.context", "seen", "Events of a party go to the push connection of who joined, under its contextId.",
    "party-api.md: a UUID that the client makes",
)  # fmt: skip
NOT_A_MEMBER = fact(
    "party.not-a-member", "app", "A call about a party that one is not in is refused with code 2233351.",
    "party-api.md: meets code 2233351",
)  # fmt: skip
NOT_A_MEMBER_STATUS = fact(
    "party.not-a-member-status", "open", "The HTTP status of code 2233351.",
    "party-api.md: Which status comes with 2233351", ("403", "400", "404"),
)  # fmt: skip
PUSH_FIRST = fact(
    "party.push-first", "seen", "Create, join and customMessage meet 404 without an open push channel.",
    "push.md: or messages meet 404",
)  # fmt: skip
HALF_OPEN = fact(
    "party.half-open", "seen", "Who is still in a party cannot join another one.",
    "party-api.md: a half-open membership blocks the next try",
)  # fmt: skip
JOIN_AGAIN = fact(
    "party.join-again", "open", "Joining the party one is in already: 409, or the entry is kept and answered with 201.",
    "party-api.md: Joining the very party", ("409", "keeps-entry"),
)  # fmt: skip
LEFT_CAUSE = fact(
    "party.left-cause", "app", "members:deleted says MEMBER_LEFT or KICKED_OUT for each entry.",
    "party-api.md: `members:deleted` gives each entry a `leftEventCause`",
)  # fmt: skip
LEFT_CAUSE_PLACE = fact(
    "party.left-cause-place", "read", "leftEventCause stands in each entry's customProperties, or in the event's.",
    "party-api.md: Where `leftEventCause` stands", ("entry", "event"),
)  # fmt: skip
KICK = fact(
    "party.kick", "app", "DELETE members/{accountId} takes a member out; its members:deleted says KICKED_OUT.",
    "party-api.md: DELETE /api/sessionManager/v2/partySessions/{session_id}/members/{account_id}",
)  # fmt: skip
KICK_WHO = fact(
    "party.kick-who", "open", "Only the owner may take members out.",
    "party-api.md: Who may take a member out", ("owner", "anybody"),
)  # fmt: skip
OWNER = fact(
    "party.owner", "app", "Another owner is told by owner:updated with data.owner.",
    "party-api.md: `owner:updated` has",
)  # fmt: skip
HEIR = fact(
    "party.heir", "open", "When the owner leaves, the member with the lowest joinOrder becomes owner.",
    "party-api.md: Who becomes owner",
)  # fmt: skip

# --- who may join -------------------------------------------------------------------------------------

JOINABLE = fact(
    "party.joinable", "app", "joinableUserType is FRIENDS or INVITE_ONLY, visibilityType FRIENDS_ONLY or INVITE_ONLY.",
    "party-api.md: `joinableUserType` is",
)  # fmt: skip
FRIENDS = fact(
    "party.friends", "read", "A FRIENDS party lets friends of its members in; everybody here is everybody's friend.",
    "party-api.md: `FRIENDS` is the open kind",
)  # fmt: skip
LINK_OPENS = fact(
    "party.link-opens", "read", "Who comes by a party's link may join it, whoever may otherwise.",
    "party-api.md: A join that comes from a link",
)  # fmt: skip

# --- making and changing ------------------------------------------------------------------------------

CREATE = fact(
    "party.create", "seen", "Create carries the language of the profanity filter and answers with the new party.",
    "party-api.md: Create adds",
)  # fmt: skip
CHANGE = fact(
    "party.change", "seen", "PATCH changes name, visibility, who may join and how many; each is told by an event.",
    "party-api.md: Changing a party",
)  # fmt: skip
RENAME = fact(
    "party.rename", "seen", "A new name carries the language of the profanity filter, as create does.",
    "party-api.md: A new `sessionName` carries",
)  # fmt: skip
LEAVE = fact(
    "party.leave", "seen", "DELETE members/me leaves, with or without a push channel.",
    "party-api.md: Leaving works with the push channel down",
)  # fmt: skip
ENDS = fact(
    "party.ends", "seen", "The last member to leave ends the party, and is told so from outside.",
    "push.md: A party that ends says why",
)  # fmt: skip
END_EVENT = fact(
    "party.end-event", "open", "What members hear of a party that ends around them: from outside, inside, or both.",
    "party-api.md: Which of the two `partySession:deleted`", ("outside", "inside", "both"),
)  # fmt: skip
MEMBERS_UPDATED = fact(
    "party.members-updated", "open", "members:updated comes when an entry is kept at a second join.",
    "party-api.md: When `members:updated` comes",
)  # fmt: skip
VOICE_CHAT = fact(
    "party.voice-chat", "app", "A member's voice chat that is switched is told by voiceChatActivated:updated.",
    "party-api.md: `m:voiceChatActivated:updated` tells",
)  # fmt: skip

# --- custom data --------------------------------------------------------------------------------------

CUSTOM_DATA3 = fact(
    "party.custom-data3", "seen", "customData3 names every other member, and is told again at each coming and going.",
    "party-api.md: then a line for each of the other members",
)  # fmt: skip
CUSTOM_DATA3_ALONE = fact(
    "party.custom-data3-alone", "seen", "Alone in a party nobody tells any customData3.",
    "party-api.md: Alone in a party nobody tells",
)  # fmt: skip
CUSTOM_DATA4 = fact(
    "party.custom-data4", "seen", "customData4 is kept as it is told, and shown to everybody.",
    "party-api.md: `customData4`, base64",
)  # fmt: skip

# --- lists, invitations, links ------------------------------------------------------------------------

BULK = fact(
    "party.bulk", "seen", "bulkGet lists the parties one is in or may join.",
    "party-api.md: takes `groupInvitedPartySessions`",
)  # fmt: skip
INVITE = fact("party.invite", "seen", "An invitation is answered with 201.", "party-api.md: An invitation:")
INVITATIONS = fact(
    "party.invitations", "seen", "The list of invitations may be empty although one is invited.",
    "party-api.md: some invitations come by push only",
)  # fmt: skip
INVITED_EVENT = fact(
    "party.invited-event", "open", "An invitation comes by push under a dataType that is made up.",
    "push.md: The event of an invitation",
)  # fmt: skip
OPEN_PARTIES = fact(
    "party.open-parties", "seen", "A group's parties are listed by openPartySessions.",
    "party-api.md: `openPartySessions` lists",
)  # fmt: skip
OPEN_PARTIES_ENTRY = fact(
    "party.open-parties-entry", "open", "An entry of openPartySessions is flat, or has the party under partySession.",
    "party-api.md: The shape of an entry of `openPartySessions`", ("flat", "nested"),
)  # fmt: skip
GROUP_NAME = fact(
    "party.group-name", "read", "A group of two is named after its members' account ids in hex.",
    "party-api.md: A group of two is called",
)  # fmt: skip
SHARE_LINK = fact(
    "party.share-link", "seen", "partyInfo tells which party a link leads to, to a caller with the page's Origin.",
    "party-api.md: `partyInfo` resolves it",
)  # fmt: skip
ERROR_SHAPE = fact(
    "party.error-shape", "seen", "Refusals are {error: {referenceId, code, message}}.",
    "party-api.md: Errors are",
)  # fmt: skip
