// SPDX-License-Identifier: MIT
// The sentence and the word that are heard, lit up in the page without a change to its elements.

const STYLE = `
::highlight(narrator-sentence) { background-color: var(--narrator-sentence, #fff2b8); color: var(--narrator-sentence-text, #1d1b16); }
::highlight(narrator-word) { background-color: var(--narrator-word, #ffc94d); color: var(--narrator-word-text, #1d1b16); }
@media (forced-colors: active) {
  ::highlight(narrator-sentence) { background-color: Mark; color: MarkText; }
  ::highlight(narrator-word) { background-color: Highlight; color: HighlightText; }
}
.narrator-light { position: absolute; inset: 0 auto auto 0; width: 0; height: 0; pointer-events: none; z-index: 2147483000; }
.narrator-light i { position: absolute; mix-blend-mode: multiply; background: var(--narrator-sentence, #fff2b8); }
.narrator-light .word { background: var(--narrator-word, #ffc94d); }`;

const NAMES = ["narrator-sentence", "narrator-word"];
const native = typeof Highlight === "function" && !!globalThis.CSS?.highlights;

let styled = false;

function style(document) {
  if (styled) return;
  styled = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** Lights up Ranges: `show(sentence, word)`, either of them null, and `clear()`. */
export class Light {
  #ranges = [null, null];
  #layer = null;

  constructor(document) {
    this.document = document;
    this.redraw = () => this.#draw();
  }

  show(sentence, word) {
    style(this.document);
    this.#ranges = [sentence, word];
    if (native) {
      NAMES.forEach((name, i) => {
        if (!this.#ranges[i]) return CSS.highlights.delete(name);
        const highlight = new Highlight(this.#ranges[i]);
        highlight.priority = i;
        CSS.highlights.set(name, highlight);
      });
      return;
    }
    // Where there is no such API: boxes over the page that let every click through.
    if (!this.#layer) {
      this.#layer = this.document.createElement("div");
      this.#layer.className = "narrator-light";
      this.#layer.setAttribute("aria-hidden", "true");
      this.document.body.append(this.#layer);
      addEventListener("resize", this.redraw);
    }
    this.#draw();
  }

  clear() {
    if (native) NAMES.forEach((name) => CSS.highlights.delete(name));
    this.#ranges = [null, null];
    this.#layer?.remove();
    this.#layer = null;
    removeEventListener("resize", this.redraw);
  }

  #draw() {
    if (!this.#layer) return;
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

const QUIET = 6000; // Milliseconds for which a reader who scrolls is left alone.

/** Keeps what is read in view, gently, until the reader scrolls. */
export class Follower {
  #until = 0;

  constructor() {
    this.pause = () => { this.#until = performance.now() + QUIET; };
    this.#listen("addEventListener");
  }

  follow(range) {
    if (performance.now() < this.#until) return;
    const box = range.getBoundingClientRect();
    if (box.top > innerHeight * 0.12 && box.bottom < innerHeight * 0.75) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    scrollTo({ top: scrollY + box.top - innerHeight * 0.3, behavior: calm ? "auto" : "smooth" });
  }

  stop() {
    this.#listen("removeEventListener");
  }

  #listen(how) {
    for (const event of ["wheel", "touchmove"]) globalThis[how](event, this.pause, { passive: true });
    globalThis[how]("keydown", this.#keys);
  }

  #keys = (event) => {
    if (/^(Arrow(Up|Down)|Page(Up|Down)|Home|End)$/.test(event.key)) this.pause();
  };
}
