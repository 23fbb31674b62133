"""The vocabulary of protocol names. Given names are omitted, even if they are words."""

from __future__ import annotations

WORDS = frozenset(
    """
    a about accept access account accounts action activated active activity actpass add addr address adult age
    agent alg algorithm alive all allow allowed and android anonymous answer any api app applewebkit application
    apps are array at attribute attributes aud audience audio auth authorization authorize authorized authz avatar
    avatars avp await b back bad base basic batch bearer begin binary bind bitrate block blocked body boundary br
    bridge bridges browser build bulk bulkget bundle by bytes c ca cache call caller can cancel candidate
    candidates capabilities capability cause cbr celt certificate cfnetwork change changed channel channels charset
    chat checking checks child chunked cid city clear client clientapp close closed closing cn cname code codec
    codecs com commerce communication community complete config conflict connect connection content context
    contexts control cookie core correct correlation cors cost count country cpss crc create created credentials
    csrf current custom d dalvik darwin data datachannel date day days dcim decode default deflate delete deleted
    deleteevencause denied deny description details dev device devices did direction disabled display dms does
    doesn domain done dp dtls dtx duid duplicate duplication duration email empty enabled encoding end entity entry
    env epoch error errors etag even event events exceeded exist exp experiments expired expires expiry extensions
    extmap failed false family feature fec field fields file filter fingerprint first flag fmt fmtp followers for
    forbidden form format found foundation fqdn friend friends from full g game gamebase gameplay gaming gateway
    gathering gecko generation get global grant granted group groups guest gzip h handle has hash hdrext header
    headers health height hidden host hosting hosts html http https i iat ice id identifier identity idle ids ietf
    iframe ignore image in inactive inband index info initial input instance insufficient int internal interval inv
    invalid invalidate invitation invitations invite invited invitee inviter ios ip ipv4 ipv6 is isp iss issuer it
    item items j join joinable joined joining json jti jwt kamaji keep keepalive key keys kid kind kratos label
    language last latency leader leave left legal length level limit line link links list live local locale
    location lock locked login logout lounge loungegroups m maintenance malformed manager many max maximum
    maxplaybackrate maxptime media medias mediaserver member members message messages metadata method metropol mic
    microphone mid mids min minimum minor minptime mismatch missing mobile mobileclient mode model modified moment
    mozilla ms msg msid msids mslabel must mute muted mutual mux n name names namespace nat native needed net
    network new next nickname no nocache nonce none normal nosniff not notification notifications np npsso null num
    number o oauth object of off offer offers offline offset oidc ok okhttp old on online only open openid opening
    operation option options opus or order origin os other out outside own owner page parameter parameters params
    part participants parties partyline party passive patch path payload peer peers pending permission permitted
    phone ping platform platforms play player players playstation plus policy polling pong port post ppid
    precondition pref prefix premium presence presences presenter previous prflx priority privacy private processed
    product prof profanity profile profile2 profiles progress prompt properties protocol proxy ps psan psapp psid
    psn psnapp psnmobile pspc ptime pts public push pushcl pushpacket put pwd q quality query queue raddr random
    range rank ranking rate rates read ready reason reasons received recent reconnect reconnection record records
    recvonly red redirect reference referer refresh region register rejected relay release remote remove removed
    renew reply report request requested required reserved reset resource response restricted result results
    retrieved retry return revision rid right role room rooms root rport rsize rtc rtcbridge rtcp rtp rtphdrext
    rtpmap safe sampled sampling savp savpf scope screen sctp sdes sdp search sec second seconds secret section
    secure self semantic send sender sendonly sendrecv sent seq sequence sequential server serveraddr servers
    service session sessions set setting settings setup sha share shared show sid sie sign signal signaling
    signature signed signin signout silk simulcast single site size social socket sony source space span speaker
    speaking srflx ssl sso ssocookie ssrc st stage start started state status stereo stop store stream string stun
    stunserver sub subject subprotocol subscribe success support supported sys system table tag talk talking target
    tcp telephone temporary terminated terms text the time timed timeout timestamp title tls to token tokens too
    topic total tr trace track tran transceiver transferable transport trickle trophies trophy true try turn typ
    type types ua udp ufrag ui unauthorized unavailable undefined unexpected unique unknown unmute unprocessable
    unsupported update updated updates upgrade uri url urlencoded urls urn usage use usedtx useinbandfec user users
    utf uuid v valid validation value values ver version video view visibility visible visit voice voicechat volume
    w wait waiting web webrtc websocket webview when which width window with without wms write www x xml year yes
    you your zero zone zstd
    """.split()  # noqa: SIM905  # a list of so many words is read better as a text
)
"""In lower case."""
