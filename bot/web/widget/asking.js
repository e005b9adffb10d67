// Asks one question: reads the stream of events and draws each sentence as it comes. Loaded with the first question.
import { make } from "./ringwise.js";
import { drawAnswer, sentenceItem } from "./answer.js";
import { call, exchange, Told } from "./calls.js";

const MAX_TURNS = 20;

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

export function ask(chat, question, signal) {
  return exchange(chat, question, async (place) => {
    const { ticket, response } = await call(chat, "answers", { question, history: chat.history }, signal, { Accept: "text/event-stream" });
    const citations = [];
    const drawn = new Map();
    let answer, list;
    for await (const { name, data } of eventsOf(response)) {
      if (name === "sentence") {
        citations.push(...data.new_citations);
        if (!list) place.append((list = make("ul")));
        const item = sentenceItem(chat, data, citations, ticket.audience);
        drawn.set(data.text, item);
        list.append(item);
      } else if (name === "answer") answer = data;
      else if (name === "error") throw new Told(data.error);
    }
    if (!answer) throw new TypeError("the stream ended early");
    chat.history = [...chat.history, { question, answer: answer.text }].slice(-MAX_TURNS);
    drawAnswer(chat, place, answer, ticket.audience, drawn);
    chat.tell("answer", { status: answer.status });
    const said = answer.sentences.length ? answer.sentences.map((one) => one.text) : [answer.text];
    return `${chat.text("answer.done")} ${[answer.lead, ...said, answer.notice].filter(Boolean).join(" ")}`;
  });
}
