// The search: entries that have every word stay. A link to an entry that is hidden ends it.
import { show, text } from "../shared/dom.js";

export function search(input, found, main) {
  const entries = [...main.querySelectorAll("article")].map((element) => [element, element.textContent.toLowerCase()]);
  const others = [...main.querySelectorAll("section")].filter((section) => !section.querySelector("article"));

  function filter() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [element, has] of entries) {
      const fits = words.every((word) => has.includes(word));
      count += fits;
      show(element, fits);
    }
    for (const section of main.querySelectorAll("section")) show(section, !words.length || (!others.includes(section) && section.querySelector("article:not([hidden])") !== null));
    text(found, words.length ? `${count === 1 ? "1 entry" : `${count} entries`}` : "");
  }
  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) {
      input.value = "";
      filter();
    }
    target.scrollIntoView();
  }
  input.addEventListener("input", filter);
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === input) {
      input.value = "";
      filter();
    } else if (event.key === "/" && !event.target.closest("input, select, textarea") && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      input.focus();
    }
  });
  follow();
}
