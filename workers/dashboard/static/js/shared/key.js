// The key. It is removed from the address, so that neither history nor a stream shows it, and stored for this tab.
const STORE = "partyline.key";

export function takeKey() {
  const address = new URL(location.href);
  const given = address.searchParams.get("key");
  if (given !== null) {
    store(given);
    address.searchParams.delete("key");
    history.replaceState(null, "", address);
  }
  return given ?? storedKey();
}

function store(key) {
  try {
    sessionStorage.setItem(STORE, key);
  } catch {
    // without storage the page works until it is reloaded
  }
}

/** Return the key of this tab, which `takeKey` stored, or "". */
export function storedKey() {
  try {
    return sessionStorage.getItem(STORE) ?? "";
  } catch {
    return "";
  }
}
