// Asks one question: a ticket for this page, the stream of events, and what is drawn of it. Loaded with the first question.
import { make } from "./ringwise.js";
import { drawAnswer, sentenceItem } from "./answer.js";

const MAX_TURNS = 20;
const EARLY_S = 30; // renew a ticket before it runs out
const tickets = new Map();

class Told extends Error {
  constructor(error) {
    super(error.message);
    this.code = error.code;
    this.hint = error.hint;
  }
}

async function post(chat, path, body, signal, headers = {}) {
  const response = await fetch(new URL(`api/v1/${path}`, chat.server), {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": chat.language, ...headers },
    body: JSON.stringify(body),
    credentials: "omit",
    referrerPolicy: "no-referrer",
    signal,
  });
  if (response.ok) return response;
  const told = await response.json().catch(() => undefined);
  throw new Told(told?.error ?? { code: "internal", message: chat.text("error.internal") });
}

async function ticketFor(chat, signal) {
  const site = chat.getAttribute("site") ?? "";
  const held = tickets.get(site);
  if (held && held.until > performance.now()) return held;
  const given = await (await post(chat, "tickets", { site }, signal)).json();
  given.until = performance.now() + (given.expires_in_s - EARLY_S) * 1000;
  tickets.set(site, given);
  return given;
}

async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value.replaceAll("\r", "");
    const parts = rest.split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const fields = part.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trimStart()]);
      const data = fields.filter(([name]) => name === "data").map(([, text]) => text);
      if (data.length) yield { name: fields.find(([name]) => name === "event")?.[1], data: JSON.parse(data.join("\n")) };
    }
  }
}

async function answerTo(chat, question, signal, again = true) {
  const ticket = await ticketFor(chat, signal);
  const body = { question, history: chat.history, language: chat.language, region: chat.getAttribute("region") || ticket.region };
  const headers = { Accept: "text/event-stream", "X-Ringwise-Ticket": ticket.ticket };
  try {
    return { ticket, response: await post(chat, "answers", body, signal, headers) };
  } catch (error) {
    if (!again || !error.code?.startsWith("ticket_")) throw error;
    tickets.clear(); // the server was started anew, or this page slept
    return answerTo(chat, question, signal, false);
  }
}

export async function ask(chat, question, signal) {
  const place = make("div", { class: "answer", part: "answer", lang: chat.language });
  const wait = make("p", { class: "wait small" }, chat.text("thinking"));
  const list = make("ul");
  place.append(wait, list);
  chat.log.append(make("p", { class: "asked", part: "asked" }, question), place);
  place.previousElementSibling.scrollIntoView({ block: "nearest" });
  chat.status.textContent = "";
  try {
    const { ticket, response } = await answerTo(chat, question, signal);
    const citations = [];
    let answer;
    for await (const { name, data } of eventsOf(response)) {
      if (name === "sentence") {
        citations.push(...data.new_citations);
        list.append(sentenceItem(chat, data, citations, ticket.audience));
      } else if (name === "answer") answer = data;
      else if (name === "error") throw new Told(data.error);
    }
    if (!answer) throw new TypeError("the stream ended early");
    chat.history = [...chat.history, { question, answer: answer.text }].slice(-MAX_TURNS);
    drawAnswer(chat, place, answer, ticket.audience);
    chat.status.textContent = `${chat.text("answer.done")} ${[answer.lead, ...answer.sentences.map((one) => one.text), answer.notice].filter(Boolean).join(" ")}`;
    chat.tell("answer", { status: answer.status });
  } catch (error) {
    wait.remove();
    if (!list.children.length) list.remove();
    const stopped = error.name === "AbortError";
    const message = stopped ? chat.text("stopped") : error instanceof Told ? error.message : chat.text("widget.unreachable");
    place.append(make("p", stopped ? { class: "small" } : { class: "error", part: "error" }, message));
    chat.status.textContent = message;
    if (stopped) return;
    if (error.hint) console.warn(`Ringwise: ${error.message} ${error.hint}`);
    chat.tell("error", { code: error.code ?? "unreachable" });
  }
}
