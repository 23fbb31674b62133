// Seals what is pasted for the machine whose QR code was scanned. cli/account/phone/sealed.py says how.
const nacl = window.nacl;
const KEY_BYTES = 32;
const PASSWORD_BYTES = 16;
const PAD = 1024;
const form = document.getElementById("form");
const value = document.getElementById("value");
const go = document.getElementById("go");
const said = document.getElementById("said");
const remedy = document.getElementById("remedy");

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const base64 = (raw) => btoa(Array.from(raw, (byte) => String.fromCharCode(byte)).join(""));

/** Return the machine's public key and the password behind the #, or null without them. */
function scanned() {
  try {
    const raw = bytes(location.hash.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
    if (raw.length !== KEY_BYTES + PASSWORD_BYTES) return null;
    return { key: raw.subarray(0, KEY_BYTES), password: raw.subarray(KEY_BYTES) };
  } catch {
    return null;
  }
}

function padded(object) {
  const text = new TextEncoder().encode(JSON.stringify(object));
  const room = new Uint8Array(Math.ceil(text.length / PAD) * PAD).fill(0x20);
  room.set(text);
  return room;
}

function say(kind, words, what = "") {
  said.className = kind;
  said.textContent = words;
  said.hidden = words === "";
  remedy.textContent = what.replaceAll("`", "");
  remedy.hidden = what === "";
}

/** Send the pasted text. Return the answer, which only this machine can have sealed. */
async function send(code, text) {
  const own = nacl.box.keyPair();
  const nonce = nacl.randomBytes(nacl.box.nonceLength);
  const box = nacl.box(padded({ password: base64(code.password), value: text }), nonce, code.key, own.secretKey);
  const body = JSON.stringify({ sender: base64(own.publicKey), nonce: base64(nonce), box: base64(box) });
  const reply = await fetch(location.pathname, { method: "POST", body, cache: "no-store" });
  if (!reply.ok) return { ok: false, message: await reply.text(), remedy: "", tries_left: reply.status === 410 ? 0 : 1 };
  const sealed = await reply.json();
  const opened = nacl.box.open(bytes(sealed.box), bytes(sealed.nonce), code.key, own.secretKey);
  if (!opened) return { ok: false, message: "The answer is not from the machine whose code you scanned.", remedy: "Look at its terminal.", tries_left: 0 };
  return JSON.parse(new TextDecoder().decode(opened));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const code = scanned();
  go.disabled = true;
  say("dim", "Signing in …");
  try {
    const answer = await send(code, value.value);
    value.value = "";
    if (answer.ok) {
      form.hidden = true;
      say("good", `Signed in as ${answer.name}.`, "You can close this page. Close the window of Sony's page too.");
      return;
    }
    const left = answer.tries_left > 0;
    form.hidden = !left;
    say("poor", answer.message, left ? answer.remedy : `${answer.remedy} For another try, ask for a new code at the machine.`.trim());
  } catch {
    say("poor", "The machine does not answer.", "Is this phone in the same network? Does the code still stand in the terminal?");
  } finally {
    go.disabled = false;
  }
});

if (scanned()) form.hidden = false;
else say("poor", "This address is not whole.", "Scan the code in the terminal again.");
