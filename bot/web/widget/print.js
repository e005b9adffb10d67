// Prints the questions and answers alone, from a frame of this page that is taken away again.
import { make } from "./ringwise.js";

export function print(chat) {
  const frame = make("iframe", { hidden: true, title: chat.text("widget.print") });
  chat.shadowRoot.append(frame);
  const page = frame.contentDocument;
  page.documentElement.lang = chat.language;
  const copy = chat.log.cloneNode(true);
  copy.querySelectorAll("button:not(.cite)").forEach((button) => button.remove());
  page.body.append(make("h1", {}, chat.text("title")), page.importNode(copy, true), make("p", {}, chat.text("about")));
  frame.contentWindow.addEventListener("afterprint", () => frame.remove());
  frame.contentWindow.print();
}
