// SPDX-License-Identifier: MIT
// Where the sentences of a narration stand in a page, whatever its markup: what is compared is the
// bare text, without white space, marks of hyphenation and the kinds of quotes and dashes.

const DROPPED = /[\s\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/;
const ALIKE = {
  "‘": "'", "’": "'", "‛": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"', "«": '"', "»": '"',
  "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "…": "...",
};
const UNREAD = "script,style,noscript,template,textarea,select,button,svg,audio,video,iframe," +
  "narrator-player,[hidden],[data-narrator=skip]";

// Characters between two sentences that are nothing unusual: a table, code.
const USUAL_GAP = 600;
// Sentences that tell such a gap from a sentence that is not in the page.
const AHEAD = 4;

/** The bare characters of `text` (a string) and, for each, its index in `text`. */
export function bare(text) {
  let chars = "";
  const at = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (DROPPED.test(c)) continue;
    const same = ALIKE[c] ?? c;
    chars += same;
    for (let k = 0; k < same.length; k++) at.push(i);
  }
  return { chars, at };
}

/** The text of an element of the page, and the places of a narration's cues in it. */
export class PageText {
  constructor(root) {
    this.root = root;
    this.nodes = [];
    this.starts = []; // Of each node in `chars`.
    this.offsets = []; // For each node, the index in it of each of its bare characters.
    const parts = [];
    let length = 0;
    const document = root.ownerDocument;
    const headline = document.querySelector("h1"); // Often stands before the article.
    const before = headline && !root.contains(headline) && headline.compareDocumentPosition(root) & 4 /* follows */;
    for (const part of before ? [headline, root] : [root]) {
      const walker = document.createTreeWalker(part, 5 /* elements, text */, (node) => {
        if (node.nodeType === 1) return node.matches(UNREAD) ? 2 : 3; // Reject, or go on inside.
        return 1;
      });
      while (walker.nextNode()) {
        const { chars, at } = bare(walker.currentNode.data);
        if (!chars) continue;
        this.nodes.push(walker.currentNode);
        this.starts.push(length);
        this.offsets.push(at);
        parts.push(chars);
        length += chars.length;
      }
    }
    this.chars = parts.join("");
  }

  /** For each cue the place {start, end} of its source in `chars`, or null where the page does not
   * have it. Cues come in the order of the page; what is between them does not matter. */
  places(cues) {
    const needles = cues.map((cue) => bare(cue.source).chars);
    const found = [];
    let from = 0;
    needles.forEach((needle, i) => {
      let start = needle ? this.chars.indexOf(needle, from) : -1;
      if (start - from > USUAL_GAP) {
        // Is it there because much is not narrated, or is it another one that reads alike?
        const near = needles.slice(i + 1, i + 1 + AHEAD).some((next) => {
          const at = next.length > 12 ? this.chars.indexOf(next, from) : -1;
          return at >= 0 && at < start;
        });
        if (near) start = -1;
      }
      if (start < 0 && cues[i].block === "title") start = this.chars.indexOf(needle);
      if (start < 0 || !needle) return found.push(null);
      found.push({ start, end: start + needle.length });
      if (start >= from) from = start + needle.length;
    });
    return found;
  }

  /** A Range over bare characters [start, end). */
  range(start, end) {
    const first = this.#spot(start);
    const last = this.#spot(end - 1);
    const range = this.root.ownerDocument.createRange();
    range.setStart(first.node, first.offset);
    range.setEnd(last.node, Math.min(last.offset + 1, last.node.data.length));
    return range;
  }

  /** The bare character at a point of the DOM, or -1 outside of the text. */
  index(node, offset) {
    const n = this.nodes.indexOf(node);
    if (n < 0) return -1;
    const within = this.offsets[n].findIndex((at) => at >= offset);
    return this.starts[n] + (within < 0 ? this.offsets[n].length - 1 : within);
  }

  /** Whether the nodes still are in the page: a single-page application may have replaced them. */
  get stale() {
    return this.nodes.length > 0 && !this.nodes[0].isConnected;
  }

  #spot(index) {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= index) low = middle;
      else high = middle - 1;
    }
    return { node: this.nodes[low], offset: this.offsets[low][index - this.starts[low]] };
  }
}

/** For each word of a cue, its span [start, end) in the bare characters of the cue. Offsets of cues
 * count code points of the block's text. */
export function wordSpans(cue) {
  const bares = [0]; // For each code point of the source, the bare characters before it.
  for (const point of cue.source) bares.push(bares.at(-1) + bare(point).chars.length);
  const at = (offset) => bares[Math.max(0, Math.min(offset - cue.source_start, bares.length - 1))];
  return cue.words.map((word) => [at(word.source_start), at(word.source_end)]);
}

const PARTS = "article, main, [role=main], [itemprop=articleBody], body";

/** The element that holds the article: the one `selector` names, else the nearest around `near`,
 * else the page's. */
export function articleOf(near, selector) {
  const document = near.ownerDocument;
  if (selector) return document.querySelector(selector);
  return near.closest("article, main, [role=main]") ??
    PARTS.split(", ").map((part) => document.querySelector(part)).find(Boolean);
}
