// The page that documents the API, made from the two documents that the server serves.
import { el, text } from "../shared/dom.js";
import { takeKey } from "../shared/key.js";
import { Caller } from "./caller.js";
import { contract } from "./contract.js";
import { keyBox } from "./key-box.js";
import { memberList } from "./member-list.js";
import { programList } from "./programs.js";
import { errorList, frameList, requestList, rightsTable, topicList, typeList } from "./reference.js";
import { search } from "./search.js";
import { watch } from "./watch.js";

const at = (id) => document.getElementById(id);
const NARROW = matchMedia("(max-width: 60rem)");

async function documents() {
  const responses = await Promise.all(["openapi", "asyncapi"].map((name) => fetch(`/api/v1/${name}.json`)));
  return Promise.all(responses.map((response) => response.json()));
}

function contents(main) {
  for (const section of main.querySelectorAll("section")) {
    const entries = [...section.querySelectorAll("article")].map((entry) => el("li", {}, el("a", { href: `#${entry.id}` }, entry.querySelector("h3").textContent)));
    const head = el("a", { href: `#${section.id}` }, section.querySelector("h2").textContent);
    at("contents-list").append(el("li", {}, head, entries.length && section.id !== "types" ? el("ul", {}, ...entries) : null));
  }
  const fold = () => (at("contents").open = !NARROW.matches);
  NARROW.addEventListener("change", fold);
  fold();
}

async function build() {
  takeKey(); // whoever opened the page with a key in its address
  const found = contract(...(await documents()));
  const caller = new Caller();
  text(at("version"), found.version);
  text(at("address"), `${location.origin}/api/v1`);
  rightsTable(at("rights"), found);
  requestList(at("request-list"), found.operations, caller, location.origin);
  topicList(at("topic-list"), found.topics);
  frameList(at("frame-list"), found.frames);
  typeList(at("type-list"), found.types);
  errorList(at("error-list"), found.errors);
  programList(at("example-list"));
  memberList(at("try"), caller);
  keyBox(at("key-box"), caller);
  watch(at("watch"), caller, found.topics);
  contents(at("main"));
  search(at("search"), at("found"), at("main"));
}

build().catch((error) => {
  at("overview").append(el("p", { class: "refused", role: "alert" }, `The contract cannot be shown: ${error.message}. Reload the page, or see /api/v1/openapi.json.`));
});
