// A console on Pion: WebRTC in Go, with its own ICE, DTLS and SRTP.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

type asked struct {
	Do, SDP, Pem, Key, Packets string
	Restart, Lite, Passive     bool
}

type reply struct {
	Error   string `json:"error,omitempty"`
	Cannot  string `json:"cannot,omitempty"`
	SDP     string `json:"sdp,omitempty"`
	State   string `json:"state,omitempty"`
	RTP     int    `json:"rtp"`
	Reports int    `json:"reports"`
	Lost    int    `json:"lost"`
}

type packet struct {
	at, timestamp uint32
	kind          uint8
	marker        bool
	payload       []byte
}

// A track that writes any payload type: Pion's own know one codec only.
type track struct {
	mutex   sync.Mutex
	context webrtc.TrackLocalContext
}

func (t *track) Bind(context webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.context = context
	if len(context.CodecParameters()) == 0 {
		return webrtc.RTPCodecParameters{}, errors.New("no codec")
	}
	return context.CodecParameters()[0], nil
}

func (t *track) Unbind(webrtc.TrackLocalContext) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.context = webrtc.TrackLocalContext{}
	return nil
}
func (t *track) ID() string                { return "track" }
func (t *track) RID() string               { return "" }
func (t *track) StreamID() string          { return "stream" }
func (t *track) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }

func (t *track) write(header rtp.Header, payload []byte) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if writer := t.context.WriteStream(); writer != nil {
		header.SSRC = uint32(t.context.SSRC())
		_, _ = writer.WriteRTP(&header, payload) // before the connection is up there is nowhere to write to
	}
}

type console struct {
	mutex              sync.Mutex
	link               *webrtc.PeerConnection
	stop               chan struct{}
	rtp, reports, lost int
}

func load(file string) (packets []packet, durationMS uint32, err error) {
	var read struct {
		Duration uint32              `json:"duration_ms"`
		Packets  [][]json.RawMessage `json:"packets"`
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	if err = json.Unmarshal(data, &read); err != nil {
		return nil, 0, err
	}
	for _, row := range read.Packets {
		var one packet
		var text string
		for place, into := range []interface{}{&one.at, &one.kind, &one.timestamp, &one.marker, &text} {
			if err = json.Unmarshal(row[place], into); err != nil {
				return nil, 0, err
			}
		}
		if one.payload, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, 0, err
		}
		packets = append(packets, one)
	}
	return packets, read.Duration, nil
}

func play(packets []packet, duration uint32, to *track, stop chan struct{}) {
	began, sequence := time.Now(), uint16(7000)
	for round := uint32(0); ; round++ {
		for _, one := range packets {
			due := began.Add(time.Duration(round*duration+one.at) * time.Millisecond)
			select {
			case <-stop:
				return
			case <-time.After(time.Until(due)):
			}
			sequence++
			to.write(rtp.Header{Version: 2, PayloadType: one.kind, SequenceNumber: sequence, Marker: one.marker,
				Timestamp: one.timestamp + round*duration*48}, one.payload)
		}
	}
}

func (c *console) begin(with asked) error {
	c.end()
	pair, err := tls.LoadX509KeyPair(with.Pem, with.Key)
	if err != nil {
		return err
	}
	certificate, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return err
	}
	packets, duration, err := load(with.Packets)
	if err != nil {
		return err
	}
	media, settings := &webrtc.MediaEngine{}, webrtc.SettingEngine{}
	settings.SetLite(with.Lite)
	if with.Passive { // of itself it answers active whatever it is offered
		if err = settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
			return err
		}
	}
	opus := webrtc.RTPCodecParameters{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}}
	if err = media.RegisterCodec(opus, webrtc.RTPCodecTypeAudio); err != nil {
		return err
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings))
	c.link, err = api.NewPeerConnection(webrtc.Configuration{
		Certificates: []webrtc.Certificate{webrtc.CertificateFromX509(pair.PrivateKey, certificate)},
	})
	if err != nil {
		return err
	}
	c.rtp, c.reports, c.lost = 0, 0, 0
	to := &track{}
	sender, err := c.link.AddTrack(to)
	if err != nil {
		return err
	}
	go c.listen(sender)
	c.link.OnTrack(func(theirs *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			if _, _, err := theirs.ReadRTP(); err != nil {
				return
			}
			c.mutex.Lock()
			c.rtp++
			c.mutex.Unlock()
		}
	})
	negotiated, id := true, uint16(0)
	if _, err = c.link.CreateDataChannel("miranda", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &id}); err != nil {
		return err
	}
	c.stop = make(chan struct{})
	go play(packets, duration, to, c.stop)
	return nil
}

func (c *console) listen(sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		c.mutex.Lock()
		for _, one := range packets {
			var reports []rtcp.ReceptionReport
			switch kind := one.(type) {
			case *rtcp.ReceiverReport:
				reports = kind.Reports
			case *rtcp.SenderReport:
				reports = kind.Reports
			}
			for _, report := range reports {
				c.reports++
				c.lost = int(report.TotalLost)
			}
		}
		c.mutex.Unlock()
	}
}

func (c *console) end() {
	if c.link != nil {
		close(c.stop)
		_ = c.link.Close()
		c.link = nil
	}
}

func (c *console) described(made webrtc.SessionDescription, err error) (string, error) {
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(c.link)
	if err = c.link.SetLocalDescription(made); err != nil {
		return "", err
	}
	<-gathered
	return c.link.LocalDescription().SDP, nil
}

func (c *console) do(with asked) (found reply, err error) {
	switch with.Do {
	case "begin":
		err = c.begin(with)
	case "end":
		c.end()
	case "offer":
		found.SDP, err = c.described(c.link.CreateOffer(&webrtc.OfferOptions{ICERestart: with.Restart}))
	case "answer":
		err = c.link.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: with.SDP})
		if err == nil {
			found.SDP, err = c.described(c.link.CreateAnswer(nil))
		}
	case "accept":
		err = c.link.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: with.SDP})
	case "state":
		c.mutex.Lock()
		found = reply{State: c.link.ConnectionState().String(), RTP: c.rtp, Reports: c.reports, Lost: c.lost}
		c.mutex.Unlock()
	}
	return found, err
}

func main() {
	replies := os.Stdout
	os.Stdout = os.Stderr // Pion logs there, and replies must stand alone
	lines, out, this := bufio.NewScanner(os.Stdin), json.NewEncoder(replies), &console{}
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var with asked
		err := json.Unmarshal(lines.Bytes(), &with)
		var found reply
		if err == nil {
			found, err = this.do(with)
		}
		if err != nil {
			found.Error = fmt.Sprint(err)
		}
		if err = out.Encode(found); err != nil {
			return
		}
	}
}
