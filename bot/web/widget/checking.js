// Checks a message: the verdict, what to do, for and against, and the questions that settle a doubtful one. Loaded with the first check.
import { make } from "./ringwise.js";
import { contactList, sentenceItem } from "./answer.js";
import { call, exchange } from "./calls.js";

function broken(text) {
  return text.replace(/\bhtt(ps?:\/\/)/gi, "hxx$1").replace(/(?<=[\w-])\.(?=[\w-]*[a-z])/gi, "[.]");
}

function marked(message, signals) {
  const letters = [...message]; // places are counted in characters, not in units of UTF-16
  const cuts = [...new Set([0, letters.length, ...signals.flatMap((sign) => [sign.start, sign.end])])].sort((a, b) => a - b);
  return cuts.slice(0, -1).flatMap((start, n) => {
    const text = broken(letters.slice(start, cuts[n + 1]).join(""));
    const opened = signals.flatMap((sign, number) => (sign.start === start ? [make("sup", {}, `${number + 1}`)] : []));
    const inside = signals.some((sign) => sign.start <= start && start < sign.end);
    return [...opened, inside ? make("mark", {}, text) : text];
  });
}

function question(chat, message, answers, one) {
  const tap = (choice) => () => chat.ask(message, { check: true, answers: { ...answers, [one.id]: choice.id }, shown: `${one.text} ${choice.text}` });
  const buttons = one.choices.map((choice) => make("button", { type: "button", part: "choice", onclick: tap(choice) }, choice.text));
  return make("div", { role: "group", "aria-label": one.text }, make("p", {}, one.text), make("div", { class: "row" }, ...buttons));
}

function drawVerdict(chat, place, verdict, message, answers, audience) {
  const item = (text) => sentenceItem(chat, { text, citations: [...text.matchAll(/\[(\d+)\]/g)].map((found) => +found[1]) }, verdict.citations, audience);
  const list = (key, lines, kind = "ul") => (lines.length ? [make("h3", {}, chat.text(key)), make(kind, {}, ...lines.map(item))] : []);
  const signs = verdict.signals.map((sign) => `${sign.name}: ${sign.why} ${sign.citations.map((n) => `[${n}]`).join("")}`);
  const { reached, next = [], say } = verdict.story ?? {};
  place.lang = verdict.language;
  place.replaceChildren(
    make("p", { class: `lead verdict ${verdict.verdict}`, part: "verdict" }, verdict.headline),
    ...(verdict.emergency ? [make("p", { class: "error" }, chat.text("verdict.emergency"))] : []),
    ...list("verdict.advice", verdict.advice, "ol"),
    ...contactList(chat, verdict.contacts),
    ...(verdict.signals.length
      ? [make("h3", {}, chat.text("verdict.message")), make("blockquote", { class: "passage", lang: verdict.message_language, dir: "auto" }, ...marked(message, verdict.signals))]
      : []),
    ...list("verdict.for", signs, "ol"),
    ...list("verdict.against", verdict.against),
    ...list("verdict.settle_it", verdict.settle_it),
    ...list("verdict.similar", verdict.scam_types.map((scam) => scam.title)),
    ...list("verdict.reached", reached ? [reached] : []),
    ...list("verdict.next", next),
    ...list("verdict.say", say ? [say] : []),
    ...verdict.questions.map((one) => question(chat, message, answers, one)),
    make("p", { class: "small" }, chat.text("check.caution")),
  );
}

export function check(chat, message, answers, shown, signal) {
  return exchange(chat, shown ?? broken(message), async (place) => {
    const { ticket, response } = await call(chat, "checks", { message, answers }, signal);
    const verdict = await response.json();
    drawVerdict(chat, place, verdict, message, answers, ticket.audience);
    chat.tell("answer", { status: verdict.verdict });
    return [verdict.headline, ...verdict.advice.slice(0, 1)].join(" ");
  });
}
