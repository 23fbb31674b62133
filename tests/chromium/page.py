"""What a page's script does with its connection `link`: offers, answers, and descriptions with every candidate."""

from __future__ import annotations

DESCRIPTIONS = """
async function made(restart) { return (await link.createOffer({ iceRestart: restart })).sdp; }
async function answered(sdp) {
  await link.setRemoteDescription({ type: "offer", sdp });
  return (await link.createAnswer()).sdp;
}
async function described([type, sdp]) {
  const gathered = new Promise((done) => { link.onicecandidate = (event) => event.candidate === null && done(); });
  await link.setLocalDescription({ type, sdp });
  await gathered;
  return link.localDescription.sdp;
}
async function accept(sdp) { await link.setRemoteDescription({ type: "answer", sdp }); }
"""
