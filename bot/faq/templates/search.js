// Hides the questions that lack a word of the search in what is read, its folded sources aside; needs no server.
const field = document.getElementById("search");
const found = document.getElementById("found");
const articles = [...document.querySelectorAll("article")].map((article) => {
  const read = [...article.children].filter((part) => part.localName !== "details");
  return [article, read.map((part) => part.textContent).join(" ").toLowerCase()];
});

field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const [article, text] of articles) {
    article.hidden = !words.every((word) => text.includes(word));
    if (!article.hidden) count += 1;
  }
  for (const topic of document.querySelectorAll(".topic")) topic.hidden = !topic.querySelector("article:not([hidden])");
  document.querySelector("nav").hidden = words.length > 0;
  found.textContent = words.length === 0 ? "" : count === 0 ? found.dataset.none : found.dataset.found.replace("#", count);
});
