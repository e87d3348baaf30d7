// SPDX-License-Identifier: MIT
// The sentence and the word that are heard, lit up in the page without a change to its elements.

/** Rules for a light or a dark page. The sentence keeps the colours of its links and code. */
const style = (dark) => `
::highlight(narrator-sentence) { background-color: var(--narrator-sentence, rgb(255 200 50 / ${dark ? 0.2 : 0.32})); color: var(--narrator-sentence-text, currentcolor); }
::highlight(narrator-word) { background-color: var(--narrator-word, #ffc73d); color: var(--narrator-word-text, #1d1b16); }
@media (forced-colors: active) {
  ::highlight(narrator-sentence) { background-color: Mark; color: MarkText; }
  ::highlight(narrator-word) { background-color: Highlight; color: HighlightText; }
}
.narrator-light { position: absolute; inset: 0 auto auto 0; width: 0; height: 0; pointer-events: none; z-index: 2147483000; }
.narrator-light i { position: absolute; mix-blend-mode: ${dark ? "screen" : "multiply"}; background: var(--narrator-sentence, rgb(255 200 50 / ${dark ? 0.24 : 0.32})); }
.narrator-light .word { background: var(--narrator-word, ${dark ? "rgb(255 199 61 / .4)" : "#ffc73d"}); }`;

const NAMES = ["narrator-sentence", "narrator-word"];
const native = typeof Highlight === "function" && !!globalThis.CSS?.highlights;
const sheet = new CSSStyleSheet();

/** Lights up Ranges: `show(sentence, word)`, either of them null, and `clear()`. */
export class Light {
  #highlights = [null, null];
  #ranges = [null, null];
  #layer = null;

  constructor(document) {
    this.document = document;
    this.redraw = () => this.#draw();
  }

  /** For a dark page, or a light one. */
  shade(dark) {
    sheet.replaceSync(style(dark));
    const { document } = this;
    if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  show(...ranges) {
    this.#ranges = ranges;
    if (!native) return this.#draw();
    NAMES.forEach((name, i) => {
      if (!ranges[i]) return this.#out(i);
      const highlight = this.#highlights[i] = new Highlight(ranges[i]);
      highlight.priority = i;
      CSS.highlights.set(name, highlight);
    });
    return undefined;
  }

  clear() {
    this.#ranges = [null, null];
    if (native) NAMES.forEach((_, i) => this.#out(i));
    this.#layer?.remove();
    this.#layer = null;
    removeEventListener("resize", this.redraw);
  }

  /** Put out our own; another player of the page may have lit its own by now. */
  #out(i) {
    if (this.#highlights[i] && CSS.highlights.get(NAMES[i]) === this.#highlights[i]) CSS.highlights.delete(NAMES[i]);
    this.#highlights[i] = null;
  }

  /** Where there is no such API: boxes over the page that let every click through. */
  #draw() {
    if (!this.#layer) {
      this.#layer = this.document.createElement("div");
      this.#layer.className = "narrator-light";
      this.#layer.setAttribute("aria-hidden", "true");
      this.document.body.append(this.#layer);
      addEventListener("resize", this.redraw);
    }
    const origin = this.#layer.getBoundingClientRect();
    const boxes = this.#ranges.flatMap((range, i) =>
      [...(range?.getClientRects() ?? [])].map((rect) => {
        const box = this.document.createElement("i");
        if (i) box.className = "word";
        box.style.left = `${rect.left - origin.left}px`;
        box.style.top = `${rect.top - origin.top}px`;
        box.style.width = `${rect.width}px`;
        box.style.height = `${rect.height}px`;
        return box;
      }));
    this.#layer.replaceChildren(...boxes);
  }
}

/** Keeps what is read in view, gently, until the reader scrolls away; then waits for the reader to
 * come back to it. */
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
