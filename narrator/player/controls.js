// SPDX-License-Identifier: MIT
// What a person sees and presses. Built once, then shown what is true.

import { clock } from "./words.js";

const STYLE = `
:host { display: block; margin: 1rem 0; min-height: 52px; color-scheme: light dark; --accent: var(--narrator-accent, #14624a); --on-accent: var(--narrator-on-accent, #fff);
  --surface: var(--narrator-surface, #f4f6f5); --text: var(--narrator-text, #1b2420); --muted: var(--narrator-muted, #52605a);
  --line: var(--narrator-line, #76857e); --radius: var(--narrator-radius, 12px); --font: var(--narrator-font, system-ui, sans-serif); }
:host([hidden]) { display: none; }
@media (prefers-color-scheme: dark) { :host(:not([theme=light])) { --accent: var(--narrator-accent, #7fd6b4); --on-accent: var(--narrator-on-accent, #06251a);
  --surface: var(--narrator-surface, #1e2623); --text: var(--narrator-text, #edf3f0); --muted: var(--narrator-muted, #b3c0ba); --line: var(--narrator-line, #83918b); } }
:host([theme=dark]) { color-scheme: dark; --accent: var(--narrator-accent, #7fd6b4); --on-accent: var(--narrator-on-accent, #06251a);
  --surface: var(--narrator-surface, #1e2623); --text: var(--narrator-text, #edf3f0); --muted: var(--narrator-muted, #b3c0ba); --line: var(--narrator-line, #83918b); }
:host([theme=light]) { color-scheme: light; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.bar { font: 400 1rem/1.3 var(--font); color: var(--text); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 4px; }
.row { display: flex; align-items: center; flex-wrap: wrap; gap: 2px 4px; }
.bar.stuck { position: fixed; inset-block-end: max(10px, env(safe-area-inset-bottom)); inset-inline: 10px; margin-inline: auto; max-width: 44rem; z-index: 2147483001; box-shadow: 0 4px 24px #0005; }
button, select, a.action { font: inherit; color: inherit; background: none; border: 0; border-radius: calc(var(--radius) - 4px); min-width: 44px; min-height: 44px; padding: 0 10px; cursor: pointer; display: inline-flex; align-items: center; justify-content: center; gap: 8px; text-decoration: none; }
select { border: 1px solid var(--line); background: var(--surface); }
button:hover, a.action:hover { background: color-mix(in srgb, var(--text) 10%, transparent); }
button[aria-disabled=true] { opacity: .55; cursor: default; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.main { background: var(--accent); color: var(--on-accent); font-weight: 600; }
.main:hover { background: color-mix(in srgb, var(--accent) 88%, var(--text)); }
.length, .time, .credit { color: var(--muted); font-size: .9em; font-variant-numeric: tabular-nums; white-space: nowrap; }
.seek { flex: 1 1 9rem; min-width: 7rem; height: 44px; margin: 0 6px; accent-color: var(--accent); cursor: pointer; }
.panel { border-top: 1px solid var(--line); margin-top: 4px; padding: 8px 4px 4px; display: grid; gap: 6px 12px; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); }
.panel label { display: flex; align-items: center; justify-content: space-between; gap: 8px; min-height: 44px; }
.panel input[type=checkbox] { width: 24px; height: 24px; accent-color: var(--accent); }
.panel input[type=range] { flex: 1; min-width: 5rem; height: 44px; accent-color: var(--accent); }
.panel .steps { display: flex; gap: 2px; }
.note { margin: 0; padding: 2px 8px 4px; color: var(--muted); font-size: .9em; }
.note:empty { display: none; }
svg { width: 22px; height: 22px; fill: currentColor; flex: none; }
:host(:dir(rtl)) svg.turn { transform: scaleX(-1); }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.transcript { max-height: 14rem; overflow: auto; margin: 0; padding: 8px; grid-column: 1 / -1; border: 1px solid var(--line); border-radius: 8px; white-space: pre-line; }
@media (forced-colors: active) { .bar, button, select { border: 1px solid ButtonText; } .main { background: ButtonFace; color: ButtonText; } }
@media (prefers-reduced-motion: no-preference) { :host([state=buffering]) .main svg { animation: wait 1s infinite alternate; } @keyframes wait { to { opacity: .3; } } }`;

const ICONS = {
  play: "M8 5v14l11-7z", pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  back: "M12 5V1L7 6l5 5V7a6 6 0 1 1-6 6H4a8 8 0 1 0 8-8z", forward: "M12 5V1l5 5-5 5V7a6 6 0 1 0 6 6h2a8 8 0 1 1-8-8z",
  previous: "M6 5h2v14H6zM20 5v14l-11-7z", next: "M16 5h2v14h-2zM4 5v14l11-7z",
  previous2: "M3 5h2v14H3zM14 5v14l-8-7zM23 5v14l-8-7z", next2: "M19 5h2v14h-2zM10 5v14l8-7zM1 5v14l8-7z",
  more: "M5 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zm7 0a2 2 0 1 0 0 4 2 2 0 0 0 0-4zm7 0a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  close: "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6L19 6.4 17.6 5 12 10.6z",
};
const SPEEDS = [0.5, 0.75, 0.9, 1, 1.15, 1.25, 1.5, 1.75, 2, 2.5, 3];
const SLEEPS = [5, 15, 30, 60];

/** An element with properties and children; no markup is parsed, so that any content policy holds. */
function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

function icon(name, turn) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  if (turn) svg.setAttribute("class", "turn");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** The controls in a shadow root; `act(what, value)` is called for what a person wants. */
export class Controls {
  #note = "";

  constructor(root, words, act) {
    this.words = words;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const button = (name, key, turn) =>
      h("button", { type: "button", part: `button ${name}`, "aria-label": words(key), title: words(key), onclick: () => act(key) }, icon(name, turn));
    const option = (value, text, selected) => h("option", { value, selected }, text);
    const labelled = (key, control) => h("label", {}, words(key), control);

    this.label = h("span", { class: "label" }, words("listen"));
    this.length = h("span", { class: "length" });
    this.listen = h("button", { type: "button", class: "main", part: "button listen", onclick: () => act("toggle") }, icon("play"), this.label);
    this.resume = h("button", { type: "button", part: "button resume", hidden: true, onclick: () => act("resume") });
    this.play = h("button", { type: "button", class: "main", part: "button play", onclick: () => act("toggle") }, icon("play"));
    this.seek = h("input", {
      type: "range", class: "seek", part: "seek", min: 0, max: 1, step: 1, value: 0, "aria-label": words("seek"), list: "chapters",
      oninput: () => act("seek", Number(this.seek.value)),
    });
    this.marks = h("datalist", { id: "chapters" });
    this.time = h("span", { class: "time", part: "time" });
    this.speed = h("select", { part: "speed", "aria-label": words("speed"), onchange: () => act("speed", Number(this.speed.value)) },
      ...SPEEDS.map((speed) => option(speed, `${speed}×`, speed === 1)));
    this.more = h("button", { type: "button", part: "button more", "aria-expanded": "false", "aria-controls": "panel", "aria-label": words("more"), title: words("more"), onclick: () => this.#expand() }, icon("more"));
    this.close = h("button", { type: "button", part: "button close", hidden: true, "aria-label": words("close"), title: words("close"), onclick: () => act("close") }, icon("close"));
    this.chapters = h("select", { "aria-label": words("chapters"), onchange: () => act("chapter", Number(this.chapters.value)) });
    this.chapterLabel = labelled("chapters", this.chapters);
    this.chapterLabel.hidden = true;
    this.sleep = h("select", { "aria-label": words("sleep"), onchange: () => act("sleep", this.sleep.value) },
      option("", words("off")), ...SLEEPS.map((n) => option(n, words("minutes", { n }))), option("chapter", words("chapterEnd")), option("end", words("end")));
    this.volume = h("input", { type: "range", min: 0, max: 1, step: 0.05, value: 1, "aria-label": words("volume"), oninput: () => act("volume", Number(this.volume.value)) });
    this.follow = h("input", { type: "checkbox", checked: true, onchange: () => act("follow", this.follow.checked) });
    this.light = h("input", { type: "checkbox", checked: true, onchange: () => act("light", this.light.checked) });
    this.download = h("a", { class: "action", part: "download", download: "" }, words("download"));
    this.transcriptButton = h("button", { type: "button", "aria-expanded": "false", "aria-controls": "transcript", onclick: () => act("transcript") }, words("transcript"));
    this.transcript = h("p", { id: "transcript", class: "transcript", part: "transcript", tabindex: 0, hidden: true });
    this.credit = h("span", { class: "credit", part: "credit" });
    this.panel = h("div", { id: "panel", class: "panel", part: "panel", hidden: true },
      h("div", { class: "steps" }, button("previous2", "previousParagraph", true), button("previous", "previousSentence", true),
        button("next", "nextSentence", true), button("next2", "nextParagraph", true)),
      this.chapterLabel, labelled("sleep", this.sleep), labelled("volume", this.volume), labelled("follow", this.follow), labelled("light", this.light),
      this.download, this.transcriptButton, this.credit, this.transcript);
    this.idle = h("div", { class: "row" }, this.listen, this.resume, this.length);
    this.active = h("div", { class: "row", hidden: true }, button("back", "back"), this.play, button("forward", "forward"),
      this.seek, this.marks, this.time, this.speed, this.more, this.close);
    this.retry = h("button", { type: "button", part: "button retry", hidden: true, onclick: () => act("retry") }, words("retry"));
    this.status = h("p", { class: "note", role: "status", part: "note" });
    this.bar = h("div", { class: "bar", part: "bar", role: "group", "aria-label": words("player") },
      this.idle, this.active, this.panel, this.status, this.retry);
    root.replaceChildren(this.bar);
  }

  /** Show what is true: {state, time, duration, estimate, rate, volume, progress, credit, download, ...}. */
  show(now) {
    const { words } = this;
    const begun = !["idle", "preparing", "failed", "offline"].includes(now.state) || now.time > 0;
    const playing = ["playing", "buffering"].includes(now.state);
    const focused = this.idle.contains(this.bar.getRootNode().activeElement);
    this.idle.hidden = begun;
    this.active.hidden = !begun;
    if (begun && focused) this.play.focus();
    const name = words(playing ? "pause" : "play");
    if (this.play.title !== name) {
      this.play.title = name;
      this.play.setAttribute("aria-label", name);
      this.play.replaceChildren(icon(playing ? "pause" : "play"));
    }
    const whole = now.duration || now.estimate || 0;
    this.length.textContent = whole ? (now.duration ? clock(whole) : words("about", { n: Math.max(1, Math.round(whole / 60)) })) : "";
    this.listen.setAttribute("aria-disabled", now.state === "preparing");
    if (this.bar.getRootNode().activeElement !== this.seek || !this.seek.matches(":active")) {
      this.seek.max = Math.max(1, Math.ceil(whole));
      this.seek.value = now.time;
    }
    this.seek.setAttribute("aria-valuetext", words("of", { time: clock(now.time), whole: clock(whole) }));
    this.time.textContent = whole ? `${clock(now.time)} · ${words("left", { time: clock((whole - now.time) / now.rate) })}` : clock(now.time);
    if (![...this.speed.options].some((option) => Number(option.value) === now.rate)) this.speed.append(h("option", { value: now.rate }, `${now.rate}×`));
    this.speed.value = now.rate;
    this.credit.textContent = now.credit ? `${words("synthetic")}: ${now.credit}` : words("synthetic");
    if (now.download && this.download.href !== now.download) this.download.href = now.download;
    this.retry.hidden = !["failed", "offline"].includes(now.state);
    let note = { failed: words("failed"), offline: words("offline"), buffering: words("buffering"), preparing: words("preparing") }[now.state] ?? "";
    if (now.state === "preparing" && now.progress?.total) note += ` ${Math.round((100 * now.progress.done) / now.progress.total)} %`;
    if (!note && now.differs) note = words("differs");
    if (note !== this.#note) this.status.textContent = this.#note = note; // Told once, not at every tick.
  }

  /** The chapters {start, title}, in a list and on the seek bar. */
  showChapters(chapters) {
    this.chapterLabel.hidden = chapters.length < 2;
    this.chapters.replaceChildren(...chapters.map(({ start, title }) => h("option", { value: start }, `${title} (${clock(start)})`)));
    this.marks.replaceChildren(...chapters.map(({ start }) => h("option", { value: Math.round(start) })));
  }

  showChapter(start) {
    if (!this.chapters.matches(":focus")) this.chapters.value = start;
  }

  showResume(time) {
    this.resume.hidden = !time;
    this.resume.textContent = time ? this.words("resume", { time: clock(time) }) : "";
  }

  showTranscript(text) {
    const open = this.transcript.hidden;
    this.transcript.hidden = !open;
    this.transcript.textContent = text;
    this.transcriptButton.setAttribute("aria-expanded", open);
  }

  /** At the edge of the window, where the place of the player is out of sight. */
  stick(stuck) {
    if (stuck && !this.bar.classList.contains("stuck")) this.#expand(false);
    this.bar.classList.toggle("stuck", stuck);
    this.close.hidden = !stuck;
  }

  #expand(open = this.panel.hidden) {
    this.panel.hidden = !open;
    this.more.setAttribute("aria-expanded", open);
  }
}
