// Opens the passage behind a citation, with the quoted sentence marked; the answer brought it along, so nothing is fetched.
import { make } from "./ringwise.js";

function passage(citation) {
  const at = citation.passage.indexOf(citation.quote);
  const block = make("blockquote", { class: "passage", lang: citation.language });
  if (at < 0) block.append(citation.passage);
  else {
    const end = at + citation.quote.length;
    block.append(citation.passage.slice(0, at), make("mark", {}, citation.quote), citation.passage.slice(end));
  }
  return block;
}

function link(chat, url, words, audience) {
  if (audience === "children" || !/^https?:\/\//.test(url)) return words;
  return make("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, words);
}

export function toggle(chat, item, button, citation, audience) {
  const close = () => {
    item.querySelector(".source").remove();
    button.setAttribute("aria-expanded", "false");
  };
  const shown = item.querySelector(".source");
  if (shown) {
    const same = button.getAttribute("aria-expanded") === "true";
    item.querySelectorAll(".cite").forEach((one) => one.setAttribute("aria-expanded", "false"));
    shown.remove();
    if (same) return;
  }
  button.setAttribute("aria-expanded", "true");
  const facts = [citation.publisher, citation.section, citation.date === "undated" ? chat.text("source.undated") : citation.date];
  const rests = citation.references.map((one) => make("li", {}, `${one.publisher}: `, link(chat, one.url, one.title, audience)));
  item.append(
    make(
      "div",
      { class: "source", part: "source", role: "group", "aria-label": chat.text("source.passage") },
      make("p", {}, make("strong", {}, citation.title)),
      make("p", { class: "small" }, facts.filter(Boolean).join(" · ")),
      passage(citation),
      ...(rests.length ? [make("p", { class: "small" }, chat.text("source.references")), make("ul", {}, ...rests)] : []),
      ...(citation.url && audience !== "children" ? [make("p", {}, link(chat, citation.url, chat.text("source.link"), audience))] : []),
      make("button", { type: "button", onclick: () => (close(), button.focus()) }, chat.text("source.close")),
    ),
  );
}
