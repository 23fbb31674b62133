"""The settings' tables: every key is explained here, where it is defined. `common.config.settings` reads them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from common.basic.values import DelayMs, GainDb, SinkKind
from common.log.secret import Guarded, Secret


class _Table(Guarded, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A secret setting is a `Secret`: it hides itself."""


Channel = Annotated[int, msgspec.Meta(ge=3, le=64)]


class Psn(_Table, frozen=True, kw_only=True):
    """Everything of Sony's: hosts, identities, versions, pace. Defaults as notes/ grades them."""

    realm: Literal["simulator", "playstation"] = "simulator"
    """Which network: the simulator on this machine, or the servers that the URLs below name."""
    account_url: str = "https://ca.account.sony.com"
    """Sign-in and tokens."""
    mobile_url: str = "https://m.np.playstation.com"
    """Parties, their members and their messages."""
    web_url: str = "https://web.np.playstation.com"
    """What a share link leads to."""
    dms_url: str = "https://dms.api.playstation.com"
    """Our own devices: who is signed in."""
    profile_url: str = "https://us-prof.np.community.playstation.net"
    """Account ids by online id."""
    party_link_url: str = "https://party.playstation.com"
    """Base of share links."""
    push_url: str = "https://mobile-pushcl.np.communication.playstation.net"
    """Base of `/np/serveraddr`."""
    push_socket_url: str = "wss://{fqdn}/np/pushNotification"
    """`{fqdn}` is what serveraddr answered."""
    client_id: str = "09515159-7237-4370-9b40-3806e67c0891"
    """The app's OAuth client."""
    client_secret: Secret = "ucPjka5tntB2KqsP"  # noqa: S105  # the app's public constant, as psnawp publishes it
    """Its secret."""
    scope: str = "psn:mobile.v2.core psn:clientapp"
    """What the tokens are asked for."""
    redirect_uri: str = "com.scee.psxandroid.scecompcall://redirect"
    """Where the sign-in page leads with the code; nothing of ours listens there."""
    sso_cookie_path: str = "/api/v1/ssocookie"
    """Page on the account host that shows a signed-in person their NPSSO."""
    sign_in_url: str = "https://www.playstation.com"
    """Where a person signs in with their browser; only named and opened, never called."""
    app_version: str = "26.1.0"
    """`X-PSN-APP-VER` of the push channel."""
    rest_app_version: str = "PlayStationApp-Android/26.1.0"
    """`x-psn-app-ver` of REST calls [seen]."""
    user_agent: str = "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/AP2A.240805.005)"
    """`User-Agent` of calls to m.np: the app's native side sends the system's own [seen]."""
    native_headers: Literal["auto", "bare", "full"] = "auto"
    """Which headers native calls carry: none of `x-psn-*` (`bare`), all of them (`full`), or what is accepted."""
    os_version: str = "14"
    """`X-PSN-OS-VER`."""
    app_type: str = "MOBILE_APP.PSAPP"
    """`X-PSN-APP-TYPE` of the push channel."""
    rtc_title_id: str = "METROPOL_AND"
    """`X-PSN-RTC-TITLE-ID` of calls to rtcBridge."""
    picture_hosts: tuple[str, ...] = ("playstation.net", "playstation.com")
    """Where members' pictures may be fetched from, by https: these hosts and those below them."""
    platform: str = "MOBILE_APP"
    """What we are in a party; its code goes into the miranda frame."""
    push_protocol: Literal["3.0", "2.1"] = "3.0"
    """The WebSocket subprotocol that is tried first."""
    push_fallback: Literal["2.1", ""] = "2.1"
    """Tried when the first protocol is refused; empty: never."""
    keep_alive_type: int = 6
    """keepAliveStatusType of protocol 3.0 outside a party, and of each opening: 6 is idle [app]."""
    keep_alive_type_party: int = 3
    """The same in a party: 3 is voice chat [app]."""
    keep_alive_type_2_1: int = 3
    """keepAliveStatusType of protocol 2.1 [seen]."""
    keep_alive_s: float = 0.0
    """Ping interval in seconds; 0: as the server says."""
    push_open_every_s: Annotated[float, msgspec.Meta(gt=0)] = 75.0
    """Seconds between two connections of the push channel when they fail again and again."""
    push_open_burst: Annotated[int, msgspec.Meta(ge=1)] = 5
    """Connections that may be tried before that holds. With both defaults no minute has more than 6, no hour 53."""
    push_answer_s: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    """How long the push server may take to answer a frame (methods 1003 and 1007) [app]."""
    connect_timeout_s: float = 10.0
    """For the TCP and TLS connection of a call."""
    request_timeout_s: float = 20.0
    """For a call's answer."""
    calls_per_s: Annotated[float, msgspec.Meta(gt=0)] = 0.25
    """Average pace of REST calls of all workers together (psnawp allows itself one in 3 s)."""
    call_burst: Annotated[int, msgspec.Meta(ge=1)] = 60
    """Calls that may go at once before the pace holds: a join of 16 members. Both keep every quarter of an hour
    below 300 calls, which an account is said to have [seen]."""
    rate_limit_s: float = 60.0
    """No calls for so long after a 429 that does not say until when."""
    block_s: float = 3600.0
    """No calls for so long after the page that says that this address is blocked (it may last a week [seen])."""
    retries: Annotated[int, msgspec.Meta(ge=1)] = 4
    """Tries of a call that met a 5xx or a network fault."""
    backoff_max_s: float = 60.0
    """The longest wait between two tries."""
    refresh_before_s: float = 600.0
    """The access token is refreshed this long before it ends."""
    warn_before_days: float = 3.0
    """Days before the refresh token's end at which the user is told to sign in again."""
    country: str = "US"
    """Two letters, of the headers and of a share link's lookup."""
    language: str = "en"
    """Two letters, likewise."""


class Auth(_Table, frozen=True, kw_only=True):
    store: Literal["keychain", "file"] = "keychain"
    """Where tokens are kept. A keychain that cannot be opened falls back to the 0600 file, and says so."""


class Ice(_Table, frozen=True, kw_only=True):
    stun_servers: tuple[str, ...] = (
        "stun:stun.cloudflare.com:3478",
        "stun:stun.l.google.com:19302",
        "stun:stun.nextcloud.com:3478",
    )
    """Asked for our public address, all at once; where the servers are on this machine, only those on it are."""
    stun_timeout_s: float = 1.5
    """A STUN server that has not answered by then is done without."""
    ipv6: bool = True
    """Offer IPv6 candidates."""
    loopback: bool | None = None
    """Offer 127.0.0.1 as a candidate; None: only where the servers are on this machine."""


class Signaling(_Table, frozen=True, kw_only=True):
    channel: str = "miranda:12"
    """`customMessage.channel` of offers and answers [seen]."""
    transports: Annotated[tuple[Literal["auto", "miranda", "bridge", "socketio"], ...], msgspec.Meta(min_length=1)] = (
        "auto",
    )
    """Ways for offers and answers, the preferred one first: `miranda` (customMessages between members), `socketio`
    (a relay of your own), `bridge` (Sony's relay; one is made at once where the party has none). `auto` stands for
    `miranda`, and a bridge for members who are not reached by it."""
    make_bridges: bool = True
    """With `auto`: make a bridge for a member who is not reached, and give it up when that one is. Otherwise only
    bridges are used that the party has."""
    bridge_after_s: Annotated[float, msgspec.Meta(ge=1)] = 30.0
    """A bridge is made for a member without a connection for so long."""
    socketio_url: str = ""
    """The relay, e.g. `wss://relay.example:5000`; plain `ws://` for loopback only."""


class Session(_Table, frozen=True, kw_only=True):
    follow_every_s: Annotated[float, msgspec.Meta(ge=1)] = 60.0
    """`partyline follow` looks for its person at most so often, and up to five times less often while they are away."""
    rejoin_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 900.0
    """A party that dropped us while we were away for less than that (asleep, no network) is joined again by itself;
    0: never."""


class Media(_Table, frozen=True, kw_only=True):
    offer_after_s: float = 4.0
    """A member who was in the party before us is waited for so long; then we offer. To who comes after us we offer at
    once."""
    answer_timeout_s: float = 6.0
    """An offer of ours without an answer is repeated after that, then with backoff."""
    connect_timeout_s: float = 15.0
    """A connection that is not up by then is given up and negotiated anew."""
    latency: Literal["low", "balanced", "smooth"] = "balanced"
    """What a millisecond of delay is worth against sound that has to be made up. `low` lets rare stalls and single
    losses be heard and plays sooner; `smooth` waits for nearly everything."""
    max_delay_ms: Annotated[int, msgspec.Meta(ge=20, le=1000)] = 200
    """Cap of the adaptive delay of the receive path, 20 … 1000."""
    min_delay_ms: int = 0
    """The receive path delays by at least so much."""
    try_forms: bool = True
    """A member who does not connect is sent offers and answers in other forms, one after the other; false: in the usual
    one only."""


class Audio(_Table, frozen=True, kw_only=True):
    sink: SinkKind = "device"
    """Where the mix goes; `null`: nowhere, it is made all the same."""
    device: str = ""
    """Part of the output device's name; empty: the system's default."""
    file: str = ""
    """WAV path of the file sink; empty: `party.wav` in `$PARTYLINE_HOME`. Relative paths count from there."""
    latency_ms: Annotated[float, msgspec.Meta(ge=1, le=1000)] = 20.0
    """Latency asked of the device, 1 … 1000."""
    queue_ms: Annotated[int, msgspec.Meta(ge=10, le=500)] = 20
    """What waits before the mixer to bridge the processes' scheduling, 10 … 500."""
    gain_db: GainDb = 0.0
    """Master gain. This and the next three hold until `partyline master` chooses something else."""
    newcomer_gain_db: GainDb = 0.0
    """Gain of talkers for whom none was chosen."""
    delay_ms: DelayMs = 0.0
    """The mix is held back by so much, to match a video."""
    levelling: bool = False
    """Bring quiet and loud talkers to one loudness."""
    level_lufs: Annotated[float, msgspec.Meta(ge=-40, le=-10)] = -23.0
    """That loudness, as ITU-R BS.1770 measures it, -40 … -10."""
    duck_db: Annotated[float, msgspec.Meta(ge=-80, le=0)] = -45.0
    """Peak of a talker in dBFS from which the party counts as speaking (message `Ducking`), -80 … 0."""
    routes: dict[str, Channel | tuple[Channel, ...]] = msgspec.field(default_factory=dict)
    """Online id or account id → channel(s) of the device, counted from 1, that carry this talker alone, with his gain;
    the mix stays on 1 and 2. E.g. `routes = { "Bo-Streams" = 3, "Cy" = [4, 5] }`."""


class Dashboard(_Table, frozen=True, kw_only=True):
    """The page, OBS' pages and `/metrics`."""

    listen: str = "127.0.0.1"
    """Address to listen on. Anything but loopback (`0.0.0.0`: every network) lets other devices in, for which the key
    is then all that stands between; it travels in the clear, so do this in a network that you trust."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8770
    """TCP port of the pages."""
    avatars: bool = True
    """Ask PlayStation for members' pictures while a page is open: one call for all who are new, kept for a week.
    Pictures of your own (`avatars/<online id>.png` in `$PARTYLINE_HOME`) are shown either way, and come first."""


class Recorder(_Table, frozen=True, kw_only=True):
    folder: str = ""
    """Where recordings go, a folder each; empty: `recordings` in `$PARTYLINE_HOME`. Relative paths count from there."""
    speech_labels: bool = True
    """Also write who spoke when, as an Audacity label file (`speech.txt`)."""
    warn_minutes: Annotated[float, msgspec.Meta(ge=0)] = 30.0
    """A warning when the disk will do for fewer minutes than that."""
    keep_free_mb: Annotated[int, msgspec.Meta(ge=1)] = 500
    """Recording ends by itself, in good order, when no more than that is left on the disk."""


class Obs(_Table, frozen=True, kw_only=True):
    """Where OBS listens (Tools → WebSocket Server Settings); read by `partyline obs` only."""

    host: str = "127.0.0.1"
    """Name or address of the machine on which OBS runs."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """0: as OBS's own settings on this machine say, else 4455."""
    password: Secret = ""
    """Empty: the one in OBS's own settings on this machine."""


class Simulator(_Table, frozen=True, kw_only=True):
    port: int = 0
    """TCP port on loopback; 0: that of the last run if free, else any."""
    consoles: int = 3
    """Consoles in the demo party, 1…15."""
    demo: bool = True
    """Join the demo party by itself while the realm is the simulator."""


class Log(_Table, frozen=True, kw_only=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe records that are written."""


class Settings(_Table, frozen=True, kw_only=True):
    psn: Psn = Psn()
    auth: Auth = Auth()
    ice: Ice = Ice()
    signaling: Signaling = Signaling()
    session: Session = Session()
    media: Media = Media()
    audio: Audio = Audio()
    dashboard: Dashboard = Dashboard()
    recorder: Recorder = Recorder()
    obs: Obs = Obs()
    simulator: Simulator = Simulator()
    log: Log = Log()
