// How the widget looks: one constructable style sheet, themed through --ringwise-* properties and parts.
export const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { all: initial !important; display: block !important; color-scheme: light dark !important; }
:host([hidden]) { display: none !important; }
:host([theme=light]) { color-scheme: light !important; }
:host([theme=dark]) { color-scheme: dark !important; }
:host {
  --back: var(--ringwise-background, light-dark(#fff, #16191d));
  --soft: var(--ringwise-soft, light-dark(#f1f4f8, #22272e));
  --ink: var(--ringwise-ink, light-dark(#1b1f24, #eceff3));
  --faint: var(--ringwise-faint, light-dark(#4c5561, #b4bdc8));
  --line: var(--ringwise-line, light-dark(#78828e, #7d8794));
  --accent: var(--ringwise-accent, light-dark(#12519c, #9cc7ff));
  --on-accent: var(--ringwise-on-accent, light-dark(#fff, #0d1b2c));
  --alarm: light-dark(#a6192e, #ffb3b8);
}
.root { font: 1em/1.55 var(--ringwise-font, system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif); color: var(--ink); }
.root[data-size=large] { font-size: 1.25em; }
.root[data-size=larger] { font-size: 1.5em; }
*, ::before { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, h3, p, ol, ul, blockquote { margin: 0; }
h2 { font-size: 1.25em; line-height: 1.3; }
h3 { font-size: 1em; margin-block-start: .75em; }
button, textarea { font: inherit; color: inherit; }
button, .tel { min-height: 44px; min-width: 44px; padding: .4em .9em; border: 1px solid var(--line); border-radius: .6em; background: var(--back); cursor: pointer; }
button:hover { background: var(--soft); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.main, .main:hover { background: var(--accent); color: var(--on-accent); border-color: var(--accent); font-weight: 600; }
.opener { position: fixed; inset-block-end: 1rem; inset-inline-end: 1rem; z-index: 2147483000; border-radius: 2em; padding-inline: 1.3em; box-shadow: 0 3px 14px #0005; }
.panel { color: var(--ink); background: var(--back); border: 1px solid var(--line); border-radius: 1em; padding: 1em; overflow-wrap: anywhere; }
.panel > * + * { margin-block-start: .75em; }
dialog.panel { width: min(30em, 100vw - 1rem); max-width: none; max-height: calc(100dvh - 1rem); margin: auto .5rem .5rem auto; overflow: auto; }
dialog::backdrop { background: #0006; }
header, .row { display: flex; flex-wrap: wrap; gap: .5em; align-items: center; }
header { justify-content: space-between; }
.about, .privacy, .small { font-size: .875em; color: var(--faint); }
.emergency { width: 100%; border: 2px solid var(--alarm); color: var(--alarm); font-weight: 700; }
form { display: grid; gap: .4em; }
label { font-weight: 600; }
textarea { width: 100%; padding: .6em; border: 1px solid var(--line); border-radius: .6em; background: var(--back); resize: vertical; }
textarea::placeholder { color: var(--faint); opacity: 1; }
.log:empty { display: none; }
.log > * + * { margin-block-start: .75em; }
.asked { margin-inline-start: 2em; padding: .5em .8em; background: var(--soft); border-radius: .8em; white-space: pre-wrap; }
.answer > * + * { margin-block-start: .6em; }
.answer ol, .answer ul { padding-inline-start: 1.4em; }
.answer li + li { margin-block-start: .5em; }
.cite { padding: 0 .3em; margin-block: -11px; margin-inline-start: .15em; border: 0; color: var(--accent); text-decoration: underline; background: none; }
.lead { font-weight: 700; }
.verdict { padding: .6em .8em; border: 1px solid var(--line); border-inline-start-width: 6px; border-radius: .6em; }
.strong_signs { border-color: var(--alarm); }
sup { font-weight: 700; }
.contacts { list-style: none; padding: 0 !important; }
.contacts li { padding: .5em; border: 1px solid var(--line); border-radius: .6em; }
.tel { display: inline-flex; align-items: center; font-weight: 700; color: var(--accent); }
a { color: var(--accent); }
.source a { display: inline-flex; align-items: center; min-height: 44px; }
.source { padding: .8em; border-inline-start: 4px solid var(--accent); background: var(--soft); }
summary { min-height: 44px; line-height: 44px; cursor: pointer; color: var(--accent); }
.source > * + * { margin-block-start: .5em; }
.source button { background: var(--back); }
.passage { white-space: pre-wrap; }
mark { background: light-dark(#ffe58a, #6b5300); color: inherit; }
.error { padding: .6em .8em; border: 2px solid var(--alarm); border-radius: .6em; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.wait::after { content: "…"; animation: wait 1s infinite alternate; }
@keyframes wait { to { opacity: .3; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; } }
@media (forced-colors: active) { mark { background: Mark; color: MarkText; } button, .panel { border-color: ButtonBorder; } }
`);
