// SPDX-License-Identifier: MIT
// What a person sees and presses. Built once, then shown what is true.

import { button, h, icon } from "./element.js";
import { STYLE } from "./style.js";
import { clock } from "./words.js";

const SPEEDS = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];

/** The controls in a shadow root; `act(what, value)` is called for what a person wants. */
export class Controls {
  #note = "";
  #chapters = [];
  #chapter = -1;
  #furnished = null;
  #whole = 0;

  constructor(root, words, act) {
    Object.assign(this, { words, act });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.disc = h("span", { class: "disc", part: "disc" }, icon("play"));
    this.about = h("span", { class: "about", part: "about" });
    this.listen = h("button", { type: "button", class: "listen", part: "button listen", onclick: () => act("toggle") },
      this.disc, h("span", {}, h("b", {}, words("listen")), this.about));
    this.resume = h("button", { type: "button", class: "chip", part: "button resume", hidden: true, onclick: () => act("resume") });
    this.play = h("button", { type: "button", class: "disc", part: "button play", onclick: () => act("toggle") }, icon("play"));
    this.chapter = h("span", { class: "chapter" });
    this.time = h("span");
    this.left = h("span");
    this.seek = h("input", {
      type: "range", part: "seek", min: 0, max: 1, step: 1, value: 0, "aria-label": words("seek"),
      onkeydown: () => this.#place(), oninput: () => act("seek", Number(this.seek.value)),
    });
    this.marks = h("span");
    this.tip = h("span", { class: "tip", "aria-hidden": true });
    this.line = h("div", { class: "seek", onpointermove: (event) => this.#point(event) },
      h("div", { class: "rail", part: "rail" }, h("i"), h("i", { part: "fill" }), this.marks), h("div", { class: "knob" }), this.tip, this.seek);
    this.speed = h("select", { part: "speed", "aria-label": words("speed"), title: words("speed"), onchange: () => act("speed", Number(this.speed.value)) },
      ...SPEEDS.map((speed) => h("option", { value: speed }, `${speed}×`)));
    this.more = button("more", words, act, { "aria-expanded": "false", "aria-controls": "panel", onclick: () => this.#expand() });
    this.close = button("close", words, act, { hidden: true });
    this.drawer = h("div", { id: "panel", class: "panel", part: "panel", hidden: true });
    this.idle = h("div", { class: "row idle" }, this.listen, this.resume);
    // The hands of a tape deck point the same way in every script.
    this.active = h("div", { class: "row active", dir: "ltr", hidden: true }, button("back", words, act), this.play, button("forward", words, act),
      h("div", { class: "line" }, h("div", { class: "times", "aria-hidden": true }, this.time, this.chapter, this.left), this.line), this.speed, this.more, this.close);
    this.status = h("span", { role: "status" });
    this.retry = h("button", { type: "button", class: "chip", part: "button retry", hidden: true, onclick: () => act("retry") }, words("retry"));
    this.note = h("div", { class: "note quiet", part: "note" }, this.status, this.retry);
    this.bar = h("div", { class: "bar", part: "bar", role: "group", "aria-label": words("player"), lang: words.language },
      this.idle, this.active, this.note, this.drawer);
    root.replaceChildren(this.bar);
  }

  /** Show what is true: {state, time, duration, estimate, rate, progress, ...}. */
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
    this.speed.value = now.rate;
    if (begun) this.#furnish();
    this.panel?.show(now);
    this.retry.hidden = !["failed", "offline"].includes(now.state);
    const told = ["failed", "offline", "buffering", "preparing", "unavailable"].includes(now.state) ? words(now.state) : now.differs ? words("differs") : "";
    if (told !== this.#note) this.status.textContent = this.#note = told;
    // What the disc shows already is for the ear only.
    this.note.classList.toggle("quiet", !told || preparing || now.state === "buffering");
  }

  shade(dark) {
    this.bar.classList.toggle("dark", dark);
  }

  /** The chapters {start, title}, in a list and on the seek bar. */
  showChapters(chapters) {
    this.#chapters = chapters;
    this.panel?.showChapters(chapters);
    const whole = chapters.at(-1)?.end ?? 0;
    this.marks.replaceChildren(...chapters.slice(1).map(({ start }) => {
      const mark = h("u");
      mark.style.left = `${(100 * start) / whole}%`;
      return mark;
    }));
  }

  showChapter(index) {
    this.chapter.textContent = this.#chapters.length > 1 ? this.#chapters[index]?.title ?? "" : "";
    this.#chapter = index;
    this.panel?.showChapter(index);
  }

  showResume(time) {
    this.resume.hidden = !time;
    this.resume.textContent = time ? this.words("resume", { time: clock(time) }) : "";
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

  async #expand(open = this.drawer.hidden) {
    this.drawer.hidden = !open;
    this.more.setAttribute("aria-expanded", open);
    await this.#furnish();
  }

  #furnish() {
    return this.#furnished ??= import("./panel.js").then(({ Panel }) => {
      const panel = this.panel = new Panel(this.words, this.act);
      this.drawer.append(...panel.content);
      this.bar.getRootNode().adoptedStyleSheets.push(panel.sheet);
      panel.showChapters(this.#chapters);
      panel.showChapter(this.#chapter);
      panel.show(this.now);
    }).catch(() => { this.#furnished = null; }); // The line broke: the next look tries again.
  }
}
