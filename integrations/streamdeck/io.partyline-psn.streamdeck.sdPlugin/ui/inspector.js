// The settings of a key: whom it is for, how far it goes, and where partyline is. Stream Deck calls connectElgatoStreamDeckSocket.
(() => {
  const PLACES = 15; // other members that a party has at most
  const WRITE_MS = 500; // from the last letter to the setting
  const byId = (id) => document.getElementById(id);
  const who = byId("who");

  function connectElgatoStreamDeckSocket(port, uuid, registerEvent, _info, actionInfo) {
    const { action, payload } = JSON.parse(actionInfo);
    const kind = action.split(".").pop();
    let settings = payload.settings ?? {};
    let shared = {};
    let people = [];
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const send = (event, more = {}) => socket.send(JSON.stringify({ event, context: uuid, ...more }));
    const change = (changed) => {
      settings = { ...settings, ...changed };
      send("setSettings", { action, payload: settings });
    };

    for (const row of document.querySelectorAll("[data-for]")) row.hidden = !row.dataset.for.split(" ").includes(kind);
    show();

    function show() {
      for (const field of document.querySelectorAll("[data-setting]")) {
        if (field !== document.activeElement) field.value = settings[field.dataset.setting] ?? "";
      }
      offer();
    }

    /** Offer the places, then the people who are here, and whoever was chosen and is not. */
    function offer() {
      const chosen = settings.by === "account" ? `account ${settings.accountId}` : `place ${settings.place ?? 1}`;
      const options = [];
      for (let place = 1; place <= PLACES; place++) {
        const here = people.find((one) => one.place === place);
        options.push([`place ${place}`, here ? `No. ${place} in the party: ${here.name}` : `No. ${place} in the party`]);
      }
      for (const { accountId, name, yourself } of people) options.push([`account ${accountId}`, `Always ${name}${yourself ? " (you)" : ""}`]);
      if (!options.some(([value]) => value === chosen)) options.push([chosen, `Always ${settings.name || settings.accountId} (not here)`]);
      const same = options.length === who.options.length && options.every(([value, text], index) => who.options[index].value === value && who.options[index].text === text);
      if (!same) who.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
      who.value = chosen;
    }

    function tell({ phase, message, remedy, right }) {
      const words = { connected: `Connected. The key's right is “${right}”.`, connecting: "Connecting …" };
      byId("state").textContent = message ? `${message} ${remedy}` : (words[phase] ?? "");
    }

    who.addEventListener("change", () => {
      const [by, value] = who.value.split(" ");
      if (by === "place") change({ by, place: Number(value) });
      else change({ by, accountId: value, name: people.find((one) => one.accountId === value)?.name ?? settings.name });
    });
    for (const field of document.querySelectorAll("[data-setting]")) {
      field.addEventListener("change", () => change({ [field.dataset.setting]: field.type === "number" && field.value !== "" ? Number(field.value) : field.value }));
    }
    let timer;
    for (const name of ["url", "key"]) {
      byId(name).addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          for (const one of ["url", "key"]) shared[one] = byId(one).value.trim();
          send("setGlobalSettings", { payload: shared });
        }, WRITE_MS);
      });
    }
    byId("form").addEventListener("submit", (event) => event.preventDefault());

    socket.addEventListener("open", () => {
      send(registerEvent, { uuid });
      send("getGlobalSettings");
      send("sendToPlugin", { action, payload: { event: "look" } });
    });
    socket.addEventListener("message", ({ data }) => {
      const { event, payload: told } = JSON.parse(data);
      if (event === "didReceiveGlobalSettings") {
        shared = told.settings ?? {};
        for (const name of ["url", "key"]) if (byId(name) !== document.activeElement) byId(name).value = shared[name] ?? "";
      } else if (event === "didReceiveSettings") {
        settings = told.settings ?? {};
        show();
      } else if (event === "sendToPropertyInspector") {
        people = told.people ?? [];
        tell(told);
        offer();
      }
    });
  }

  globalThis.connectElgatoStreamDeckSocket = connectElgatoStreamDeckSocket;
})();
