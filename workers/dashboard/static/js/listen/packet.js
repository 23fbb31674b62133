// A packet of `/sound` (workers/dashboard/listen/audio_sources.py). No I/O.
const HEADER = 16;
const SILENCE = 1;
const STEREO = 2;

/** Return the packet in an ArrayBuffer, or null for one of another version. */
export function packetIn(data) {
  if (data.byteLength < HEADER) return null;
  const view = new DataView(data);
  if (view.getUint8(0) !== 1) return null;
  const flags = view.getUint16(2, true);
  return {
    frames: view.getUint8(1),
    boot: view.getUint32(4, true),
    tick: view.getUint32(8, true),
    gain: view.getFloat32(12, true),
    samples: flags & SILENCE ? null : new Int16Array(data, HEADER),
    stereo: (flags & STEREO) !== 0,
  };
}
