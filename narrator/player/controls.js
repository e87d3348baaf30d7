// SPDX-License-Identifier: MIT
// What a person sees and presses. Built once, then shown what is true.

import { STYLE } from "./style.js";
import { clock } from "./words.js";

// Paths in a square of 24; one that begins with "!" is filled, one with "@" is text.
const ICONS = {
  play: ["!M8 5.5v13l10.5-6.5z"], pause: ["!M7 5.5h3.2v13H7zM13.8 5.5H17v13h-3.2z"],
  back: ["M12 4.8a8 8 0 1 1-8 8", "!M12 1.8v6L8.6 4.8z", "@15"], forward: ["M12 4.8a8 8 0 1 0 8 8", "!M12 1.8v6l3.4-3z", "@15"],
  previousSentence: ["M6.5 6v12", "!M18 6.5v11L9.5 12z"], nextSentence: ["M17.5 6v12", "!M6 6.5v11l8.5-5.5z"],
  previousParagraph: ["M4 6v12", "!M12.5 6.5v11L6.5 12zM20 6.5v11L14 12z"], nextParagraph: ["M20 6v12", "!M11.5 6.5v11l6-5.5zM4 6.5v11l6-5.5z"],
  more: ["M4 7.5h9m5 0h2M4 16.5h2m5 0h9", "M15.5 5.3a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM8.5 14.3a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z"],
  close: ["M6 6l12 12M18 6L6 18"], download: ["M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 19.5h14"], transcript: ["M5 6.5h14M5 12h14M5 17.5h8"],
};
const SPEEDS = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];
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

function icon(name) {
  const make = (tag, properties) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(properties)) element.setAttribute(key, value);
    return element;
  };
  const svg = make("svg", { viewBox: "0 0 24 24", "aria-hidden": true });
  for (const path of ICONS[name]) {
    if (path[0] === "@") svg.append(make("text", { x: 12, y: 15.5 }));
    else svg.append(make("path", path[0] === "!" ? { d: path.slice(1), class: "solid" } : { d: path }));
    if (path[0] === "@") svg.lastChild.textContent = path.slice(1);
  }
  return svg;
}

/** The controls in a shadow root; `act(what, value)` is called for what a person wants. */
export class Controls {
  #note = "";
  #chapters = [];
  #whole = 0;

  constructor(root, words, act) {
    Object.assign(this, { words, act });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const named = (key) => ({ "aria-label": words(key), title: words(key) });
    const button = (key, properties) =>
      h("button", { type: "button", class: "icon", part: `button ${key}`, ...named(key), onclick: () => act(key), ...properties }, icon(key));
    const option = (value, text, selected) => h("option", { value, selected }, text);
    const labelled = (key, control) => h("label", {}, words(key), control);
    const toggle = (key) => {
      const input = h("input", { type: "checkbox", role: "switch", checked: true, onchange: () => act(key, input.checked) });
      return input;
    };

    this.disc = h("span", { class: "disc", part: "disc" }, icon("play"));
    this.about = h("span", { class: "about", part: "about" });
    this.listen = h("button", { type: "button", class: "listen", part: "button listen", onclick: () => act("toggle") },
      this.disc, h("span", {}, h("b", {}, words("listen")), this.about));
    this.resume = h("button", { type: "button", class: "chip", part: "button resume", hidden: true, onclick: () => act("resume") });
    this.play = h("button", { type: "button", class: "disc", part: "button play", onclick: () => act("toggle") }, icon("play"));
    this.chapter = h("span", { class: "chapter", part: "chapter" });
    this.time = h("span", { part: "time" });
    this.left = h("span", { part: "left" });
    this.seek = h("input", {
      type: "range", part: "seek", min: 0, max: 1, step: 1, value: 0, "aria-label": words("seek"),
      onkeydown: () => this.#place(), oninput: () => act("seek", Number(this.seek.value)),
    });
    this.marks = h("span");
    this.tip = h("span", { class: "tip", "aria-hidden": true });
    this.line = h("div", { class: "seek", onpointermove: (event) => this.#point(event) },
      h("div", { class: "rail", part: "rail" }, h("i"), h("i", { part: "fill" }), this.marks), h("div", { class: "knob", part: "knob" }), this.tip, this.seek);
    this.speed = h("select", { part: "speed", "aria-label": words("speed"), title: words("speed"), onchange: () => act("speed", Number(this.speed.value)) },
      ...SPEEDS.map((speed) => option(speed, `${speed}×`, speed === 1)));
    this.more = button("more", { "aria-expanded": "false", "aria-controls": "panel", onclick: () => this.#expand() });
    this.close = button("close", { hidden: true });
    this.chapters = h("ol");
    this.chapterPart = h("section", { "aria-label": words("chapters"), hidden: true }, h("h2", {}, words("chapters")), this.chapters);
    this.sleep = h("select", { onchange: () => act("sleep", this.sleep.value) },
      option("", words("off")), ...SLEEPS.map((n) => option(n, words("minutes", { n }))), option("chapter", words("chapterEnd")));
    this.volume = h("input", { type: "range", min: 0, max: 1, step: 0.05, value: 1, oninput: () => act("volume", Number(this.volume.value)) });
    this.follow = toggle("follow");
    this.light = toggle("light");
    this.download = h("a", { class: "action", part: "download", download: "" }, icon("download"), words("download"));
    this.transcriptButton = h("button", { type: "button", class: "action", "aria-expanded": "false", "aria-controls": "transcript", onclick: () => act("transcript") },
      icon("transcript"), words("transcript"));
    this.transcript = h("p", { id: "transcript", class: "transcript", part: "transcript", tabindex: 0, hidden: true });
    this.credit = h("span", { class: "credit", part: "credit" });
    this.panel = h("div", { id: "panel", class: "panel", part: "panel", hidden: true },
      this.chapterPart,
      h("div", {},
        h("div", { class: "steps" }, ...["previousParagraph", "previousSentence", "nextSentence", "nextParagraph"].map((key) => button(key))),
        labelled("sleep", this.sleep), labelled("volume", this.volume), labelled("follow", this.follow), labelled("light", this.light)),
      h("div", { class: "foot" }, this.download, this.transcriptButton, this.credit), this.transcript);
    this.idle = h("div", { class: "row idle" }, this.listen, this.resume);
    // The hands of a tape deck point the same way in every script.
    this.active = h("div", { class: "row active", dir: "ltr", hidden: true }, button("back"), this.play, button("forward"),
      h("div", { class: "line" }, h("div", { class: "times", "aria-hidden": true }, this.time, this.chapter, this.left), this.line), this.speed, this.more, this.close);
    this.status = h("span", { role: "status" });
    this.retry = h("button", { type: "button", class: "chip", part: "button retry", hidden: true, onclick: () => act("retry") }, words("retry"));
    this.note = h("div", { class: "note quiet", part: "note" }, this.status, this.retry);
    this.bar = h("div", { class: "bar", part: "bar", role: "group", "aria-label": words("player"), lang: words.language },
      this.idle, this.active, this.note, this.panel);
    root.replaceChildren(this.bar);
  }

  /** Show what is true: {state, time, duration, estimate, rate, volume, progress, credit, download, ...}. */
  show(now) {
    const { words } = this;
    const begun = !["idle", "preparing", "failed", "offline", "unavailable"].includes(now.state) || now.time > 0;
    const playing = ["playing", "buffering"].includes(now.state);
    const focused = this.idle.contains(this.#focus);
    this.idle.hidden = begun || now.state === "unavailable";
    this.active.hidden = !begun;
    if (begun && focused) this.play.focus();
    const name = words(playing ? "pause" : "play");
    if (this.play.title !== name) {
      this.play.title = name;
      this.play.setAttribute("aria-label", name);
      this.play.replaceChildren(icon(playing ? "pause" : "play"));
    }
    const whole = this.#whole = now.duration || now.estimate || 0;
    const preparing = now.state === "preparing";
    const done = preparing && now.progress?.total ? now.progress.done / now.progress.total : 0;
    const length = now.duration ? clock(whole) : words("about", { n: Math.max(1, Math.round(whole / 60)) });
    this.about.textContent = preparing
      ? `${words("preparing")} …${done ? ` ${Math.round(100 * done)} %` : ""}`
      : [whole && length, words("synthetic")].filter(Boolean).join(" · ");
    this.listen.setAttribute("aria-disabled", preparing);
    this.#busy(this.disc, preparing, done);
    this.#busy(this.play, now.state === "buffering" || preparing, done);
    this.now = now;
    if (this.seek !== this.#focus) this.#place();
    const at = whole ? Math.min(1, now.time / whole) : 0;
    this.line.style.setProperty("--at", at);
    this.line.style.setProperty("--made", now.loaded ?? 0);
    this.time.textContent = clock(now.time);
    this.left.textContent = whole ? words("left", { time: clock((whole - now.time) / now.rate) }) : "";
    if (![...this.speed.options].some((option) => Number(option.value) === now.rate)) this.speed.append(h("option", { value: now.rate }, `${now.rate}×`));
    this.speed.value = now.rate;
    this.volume.value = now.volume;
    this.credit.textContent = [words("synthetic"), now.credit].filter(Boolean).join(": ");
    if (now.download && this.download.href !== now.download) this.download.href = now.download;
    this.retry.hidden = !["failed", "offline"].includes(now.state);
    const told = ["failed", "offline", "buffering", "preparing", "unavailable"].includes(now.state) ? words(now.state) : now.differs ? words("differs") : "";
    if (told !== this.#note) this.status.textContent = this.#note = told; // Told once, not at every tick.
    // What the disc shows already is for the ear only.
    this.note.classList.toggle("quiet", !told || preparing || now.state === "buffering");
  }

  /** On a dark page, or a light one. */
  shade(dark) {
    this.bar.classList.toggle("dark", dark);
  }

  /** The chapters {start, title}, in a list and on the seek bar. */
  showChapters(chapters) {
    this.#chapters = chapters;
    this.chapterPart.hidden = chapters.length < 2;
    this.chapters.replaceChildren(...chapters.map(({ start, title }) =>
      h("li", {}, h("button", { type: "button", onclick: () => this.act("seek", start) }, title, h("span", {}, clock(start))))));
    const whole = chapters.at(-1)?.end ?? 0;
    this.marks.replaceChildren(...chapters.slice(1).map(({ start }) => {
      const mark = h("u");
      mark.style.left = `${(100 * start) / whole}%`;
      return mark;
    }));
  }

  showChapter(index) {
    this.chapter.textContent = this.#chapters.length > 1 ? this.#chapters[index]?.title ?? "" : "";
    [...this.chapters.children].forEach((item, i) => item.firstChild.setAttribute("aria-current", i === index));
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

  /** At the edge of the window, where the place of the player is out of sight. In the top layer:
   * nothing that a page does to what is around the player moves it. */
  stick(stuck) {
    const { bar, close } = this;
    if (stuck === bar.classList.contains("stuck")) return;
    const { host } = bar.getRootNode();
    host.style.minHeight = stuck ? `${bar.offsetHeight}px` : "";
    const focus = this.#focus;
    this.#expand(false);
    close.hidden = !stuck;
    if (stuck) bar.popover = "manual";
    else bar.removeAttribute("popover");
    bar.classList.toggle("stuck", stuck);
    if (stuck) bar.showPopover?.();
    focus?.focus({ preventScroll: true });
  }

  get #focus() { return this.bar.getRootNode().activeElement; }

  #busy(disc, busy, done) {
    disc.classList.toggle("busy", busy);
    if (busy && done) disc.style.setProperty("--done", done);
    else disc.removeAttribute("style");
  }

  /** The slider says where it is; not while a screen reader would read out every second of it. */
  #place() {
    const { time } = this.now;
    this.seek.max = Math.max(1, Math.ceil(this.#whole));
    this.seek.value = time;
    this.seek.setAttribute("aria-valuetext", this.words("of", { time: clock(time), whole: clock(this.#whole) }));
  }

  #point({ clientX }) {
    const { left, width } = this.line.getBoundingClientRect();
    const at = Math.min(1, Math.max(0, (clientX - left) / width));
    const time = at * this.#whole;
    const title = this.#chapters.length > 1 ? this.#chapters.findLast(({ start }) => start <= time)?.title : "";
    this.tip.textContent = [clock(time), title].filter(Boolean).join(" · ");
    this.line.style.setProperty("--tip", at);
  }

  #expand(open = this.panel.hidden) {
    this.panel.hidden = !open;
    this.more.setAttribute("aria-expanded", open);
  }
}
