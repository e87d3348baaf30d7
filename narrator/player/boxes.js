// SPDX-License-Identifier: MIT
// For browsers without the CSS Custom Highlight API, and loaded by them alone: boxes over the page
// that let every click through.

const style = (dark) => `
.narrator-light { position: absolute; inset: 0 auto auto 0; width: 0; height: 0; pointer-events: none; z-index: 2147483000; }
.narrator-light i { position: absolute; mix-blend-mode: ${dark ? "screen" : "multiply"}; background: var(--narrator-sentence, rgb(255 200 50 / ${dark ? 0.24 : 0.32})); }
.narrator-light .word { background: var(--narrator-word, ${dark ? "rgb(255 199 61 / .4)" : "#ffc73d"}); }`;

export class Boxes {
  #layer = document.createElement("div");
  #sheet = new CSSStyleSheet();
  #ranges = [];

  constructor(dark) {
    this.#sheet.replaceSync(style(dark));
    this.#layer.className = "narrator-light";
    this.#layer.setAttribute("aria-hidden", "true");
    this.redraw = () => this.show(...this.#ranges);
  }

  show(...ranges) {
    this.#ranges = ranges;
    if (!this.#layer.isConnected) {
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet];
      document.body.append(this.#layer);
      addEventListener("resize", this.redraw);
    }
    const origin = this.#layer.getBoundingClientRect();
    this.#layer.replaceChildren(...ranges.flatMap((range, i) =>
      [...(range?.getClientRects() ?? [])].map((rect) => {
        const box = document.createElement("i");
        if (i) box.className = "word";
        for (const side of ["left", "top"]) box.style[side] = `${rect[side] - origin[side]}px`;
        for (const size of ["width", "height"]) box.style[size] = `${rect[size]}px`;
        return box;
      })));
  }

  clear() {
    this.#ranges = [];
    this.#layer.remove();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet);
    removeEventListener("resize", this.redraw);
  }
}
