// Calls of the API with the key that was given on this page. The key stays in this tab, and goes into a header only.
const STORE = "partyline.api-key";
const ROOT = "/api/v1";

/** A refusal of the server, or that nothing came. */
export class Refused extends Error {
  constructor({ message, remedy, code }, status = 0) {
    super(message);
    this.remedy = remedy;
    this.code = code;
    this.status = status;
  }
}

export class Caller {
  constructor() {
    this.key = kept();
    this.hello = null; // what the key may do, null as long as no key was accepted
    this.changed = []; // called when the key changes
  }

  /** Take a key if the server accepts it. Throws `Refused`. */
  async use(key) {
    this.hello = await call("GET", ROOT, key);
    this.key = key;
    keep(key);
    for (const told of this.changed) told();
  }

  forget() {
    [this.key, this.hello] = ["", null];
    keep("");
    for (const told of this.changed) told();
  }

  /** Return whether the key may make this request. */
  may({ id, right }) {
    if (!this.hello) return false;
    const order = ["read", "control", "admin"];
    return order.indexOf(this.hello.right) >= order.indexOf(right) || this.hello.also.includes(id);
  }

  /** Return the answer to one request. Throws `Refused`. */
  async ask({ method, path }, values) {
    if (method !== "GET") return call(method, path, this.key, JSON.stringify(values));
    return call(method, Object.keys(values).length ? `${path}?${new URLSearchParams(values)}` : path, this.key);
  }
}

async function call(method, path, key, body) {
  let response;
  try {
    response = await fetch(path, { method, body, headers: { Authorization: `Bearer ${key}`, ...(body ? { "Content-Type": "application/json" } : {}) } });
  } catch (error) {
    if (/header|ByteString|ISO/i.test(String(error))) throw new Refused({ message: "This is no key.", remedy: "A key begins with pl. and has no spaces.", code: "page.no-key" });
    throw new Refused({ message: "partyline does not answer.", remedy: "Check with `partyline status` whether it is running.", code: "page.away" });
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  throw new Refused(answer?.error ?? { message: `The server answered ${response.status}.`, remedy: "Reload the page.", code: "page.unknown" }, response.status);
}

function kept() {
  try {
    return sessionStorage.getItem(STORE) ?? "";
  } catch {
    return "";
  }
}

function keep(key) {
  try {
    if (key) sessionStorage.setItem(STORE, key);
    else sessionStorage.removeItem(STORE);
  } catch {
    // without storage the key is forgotten when the page is reloaded
  }
}
