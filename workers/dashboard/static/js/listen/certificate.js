// The certificate of this browser's connections. partyline knows a browser that came by a link again by it: each
// connection proves that the private key is here. The key cannot be read, not even by this page.
const DATABASE = "partyline";
const STORE = "certificates";
const NAME = "listening";
const YEAR_MS = 365 * 86400e3;
const SPARE_MS = 86400e3; // one that is void so soon is not used any more

/** Return the certificate, a new one if none is kept. */
export async function ownCertificate() {
  const kept = await withStore("readonly", (store) => store.get(NAME)).catch(() => null);
  if (kept && kept.expires > Date.now() + SPARE_MS) return kept;
  const made = await RTCPeerConnection.generateCertificate({ name: "ECDSA", namedCurve: "P-256", expires: YEAR_MS });
  await withStore("readwrite", (store) => store.put(made, NAME)).catch(() => null); // then it lasts as long as the page
  return made;
}

function withStore(mode, ask) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asked = ask(opening.result.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    };
  });
}
