// The key that is tried with: pasted, or the dashboard's own of this tab.
import { el, rich, show, text } from "../shared/dom.js";
import { storedKey } from "../shared/key.js";

export function keyBox(place, caller) {
  const input = el("input", { type: "password", autocomplete: "off", spellcheck: false, required: true, placeholder: "pl.…", "aria-label": "API key" });
  const use = el("button", { type: "submit", class: "primary" }, "Use this key");
  const own = el("button", { type: "button" }, "Use the dashboard's own");
  const forget = el("button", { type: "button" }, "Forget the key");
  const form = el("form", { class: "line" }, input, use, own);
  const said = el("p", { role: "status" });
  const refused = el("p", { class: "refused", role: "alert" });
  place.append(el("p", {}, "Paste a key. With one of the right read nothing can be changed. It stays in this tab, and is forgotten with it."), form, el("div", { class: "line" }, said, forget), refused);

  async function take(key) {
    use.disabled = true;
    try {
      await caller.use(key);
      input.value = "";
      text(refused, "");
    } catch (error) {
      if (error.status === 401) caller.forget();
      rich(refused, `${error.message} ${error.remedy}`);
    } finally {
      use.disabled = false;
    }
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(input.value.trim());
  });
  own.onclick = () => take(storedKey());
  forget.onclick = () => {
    caller.forget();
    input.focus();
  };
  const update = () => {
    const also = caller.hello?.also.length ? `, and ${caller.hello.also.join(", ")}` : "";
    text(said, caller.hello ? `This key has the right ${caller.hello.right}${also}.` : "No key is in use.");
    show(forget, Boolean(caller.hello));
    show(own, Boolean(storedKey()) && !caller.hello);
  };
  caller.changed.push(update);
  update();
  if (caller.key) take(caller.key);
}
