// SPDX-License-Identifier: MIT
// The sentence and the word that are heard, lit up in the page without a change to its elements.

/** Rules for a light or a dark page. The sentence keeps the colours of its links and code. */
const style = (dark) => `
::highlight(narrator-sentence) { background-color: var(--narrator-sentence, rgb(255 200 50 / ${dark ? 0.2 : 0.32})); color: var(--narrator-sentence-text, currentcolor); }
::highlight(narrator-word) { background-color: var(--narrator-word, #ffc73d); color: var(--narrator-word-text, #1d1b16); }
@media (forced-colors: active) {
  ::highlight(narrator-sentence) { background-color: Highlight; color: HighlightText; }
  ::highlight(narrator-word) { background-color: Highlight; color: HighlightText; text-decoration: underline 3px; }
}`;

const NAMES = ["narrator-sentence", "narrator-word"];
const native = typeof Highlight === "function" && !!globalThis.CSS?.highlights;
const sheet = new CSSStyleSheet();

/** Lights up Ranges: `show(sentence, word)`, either of them null, and `clear()`. */
export class Light {
  #lit = [];
  #boxes = null;

  async shade(dark) {
    if (native) {
      sheet.replaceSync(style(dark));
      if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      return;
    }
    const { Boxes } = await import("./boxes.js");
    this.clear();
    this.#boxes = new Boxes(dark);
  }

  show(...ranges) {
    if (!native) return this.#boxes?.show(...ranges);
    NAMES.forEach((name, i) => {
      if (!ranges[i]) return this.#out(i);
      const highlight = this.#lit[i] = new Highlight(ranges[i]);
      highlight.priority = i;
      CSS.highlights.set(name, highlight);
    });
    return undefined;
  }

  clear() {
    this.#boxes?.clear();
    NAMES.forEach((_, i) => this.#out(i));
  }

  /** Put out our own; another player of the page may have lit its own by now. */
  #out(i) {
    if (this.#lit[i] && CSS.highlights.get(NAMES[i]) === this.#lit[i]) CSS.highlights.delete(NAMES[i]);
    this.#lit[i] = null;
  }
}

/** Keeps what is read in view, gently, until the reader scrolls away, and from when it is back. */
export class Follower {
  #away = false;

  constructor(signal) {
    const leave = () => { this.#away = true; };
    const options = { passive: true, signal };
    addEventListener("wheel", leave, options);
    addEventListener("touchmove", leave, options);
    addEventListener("keydown", ({ key }) => /^(Arrow(Up|Down)|Page(Up|Down)|Home|End)$/.test(key) && leave(), options);
  }

  /** The reader went somewhere by the player: there we go, too. */
  back() {
    this.#away = false;
  }

  follow(range) {
    const box = range.getBoundingClientRect();
    if (box.top > innerHeight * 0.1 && box.bottom < innerHeight * 0.78) this.#away = false;
    else if (!this.#away) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      scrollTo({ top: scrollY + box.top - innerHeight * 0.3, behavior: calm ? "instant" : "smooth" });
    }
  }
}
