// Draws an answer: lead, sentences under their headings with their citations, whom to ring, and what to tap next.
import { make } from "./ringwise.js";

export function sentenceItem(chat, sentence, citations, audience) {
  const item = make("li", {}, sentence.text.replace(/\s*\[\d+\]/g, ""));
  for (const n of sentence.citations) {
    const citation = citations.find((one) => one.n === n);
    if (!citation) continue;
    const open = async () => (await import("./citations.js")).toggle(chat, item, button, citation, audience);
    const button = make("button", { type: "button", class: "cite", part: "citation", "aria-expanded": "false", "aria-label": chat.text("source.open", { n }), onclick: open }, `[${n}]`);
    item.append(button);
  }
  return item;
}

function sentences(chat, answer, audience, drawn) {
  const parts = [];
  let heading, list;
  for (const sentence of answer.sentences) {
    if (!list || sentence.heading !== heading) {
      heading = sentence.heading;
      if (heading) parts.push(make("h3", {}, heading));
      parts.push((list = make(answer.status === "emergency" ? "ol" : "ul")));
    }
    list.append(drawn.get(sentence.text) ?? sentenceItem(chat, sentence, answer.citations, audience));
  }
  return parts;
}

function contact(chat, one) {
  const digits = one.value.replace(/[^\d+]/g, "");
  const isNumber = /^[\d\s+()-]+$/.test(one.value);
  const isPage = one.value.startsWith("https://");
  const value = isNumber
    ? make("a", { class: "tel", href: `tel:${digits}` }, one.value)
    : isPage ? make("a", { class: "tel", href: one.value, rel: "noreferrer noopener", target: "_blank" }, one.value) : make("strong", {}, one.value);
  const more = [one.hours, one.note, chat.text("contact.checked", { day: one.checked_on })].filter(Boolean).join(" · ");
  return make("li", {}, value, ` ${one.label}`, make("p", { class: "small" }, more));
}

export function contactList(chat, contacts) {
  return contacts.length ? [make("h3", {}, chat.text("contacts")), make("ul", { class: "contacts" }, ...contacts.map((one) => contact(chat, one)))] : [];
}

const PLACES = 6; // the likeliest places at once; the others behind one more tap

function chips(chat, choices) {
  const buttons = choices.map((one) => make("button", { type: "button", part: "choice", onclick: () => chat.ask(one.question) }, one.label));
  return make("div", { class: "row" }, ...buttons);
}

function taps(chat, heading, choices) {
  return choices.length ? [...(heading ? [make("p", { class: "small" }, heading)] : []), chips(chat, choices)] : [];
}

function places(chat, choices) {
  if (choices.length <= PLACES) return taps(chat, chat.text("emergency.where"), choices);
  const others = make("details", {}, make("summary", {}, chat.text("emergency.more_places")), chips(chat, choices.slice(PLACES)));
  return [...taps(chat, chat.text("emergency.where"), choices.slice(0, PLACES)), others];
}

// `drawn` has the sentences that came before the answer was whole, by their text: what was opened there stays open.
export function drawAnswer(chat, place, answer, audience, drawn) {
  const held = place.getRootNode().activeElement;
  const choices = (kind) => answer.choices.filter((one) => one.kind === kind);
  const said = answer.sentences.length ? sentences(chat, answer, audience, drawn) : [make("p", {}, answer.text)];
  place.lang = answer.language;
  place.replaceChildren(
    ...(answer.lead ? [make("p", { class: "lead" }, answer.lead)] : []),
    ...said,
    ...(answer.notice ? [make("p", { class: audience === "children" ? "lead" : "small" }, answer.notice)] : []),
    ...contactList(chat, answer.contacts),
    ...taps(chat, chat.text("emergency.given"), choices("given")),
    ...places(chat, choices("region")),
    ...taps(chat, "", choices("more")),
    ...taps(chat, chat.text("follow_ups"), answer.follow_ups.map((one) => ({ label: one, question: one }))),
  );
  if (place.contains(held)) held.focus({ preventScroll: true });
}
