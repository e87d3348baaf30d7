// SPDX-License-Identifier: MIT
// Reading along: which sentence and word of the page are heard, and which one was clicked.

import { Follower, Light } from "./highlight.js";
import { PageText, wordSpans } from "./text.js";

const EARLY = 0.02; // Seconds by which a word is lit before it is heard: a frame.

/** The cues of a narration on an article's element; it may lack them all. */
export class Along {
  cues = [];
  lit = true;
  scrolls = true;
  #places = [];
  #spans = new Map();
  #at = [-1, -1];
  #text = null;
  #due = false;

  constructor(article, signal) {
    this.article = article;
    this.light = new Light();
    this.follower = new Follower(signal);
  }

  /** The cue that is heard, or undefined. */
  get cue() { return this.cues[this.#at[0]]; }

  /** Whether a part of what is said is not in the page. */
  get differs() {
    const said = this.#places.filter((_, i) => this.cues[i].block !== "title" && this.cues[i].source);
    return said.length > 0 && said.filter(Boolean).length < said.length * 0.98;
  }

  /** More cues, or others; `look` for them at once. */
  told(cues, look) {
    this.cues = cues;
    this.#due = true;
    if (look) this.#locate();
  }

  /** Light up what is heard at a time (seconds). */
  show(time, playing) {
    const heard = (list) => list.findLastIndex(({ start }) => start <= time + EARLY);
    const last = heard(this.cues);
    const cue = this.cues[last];
    const word = cue ? heard(cue.words) : -1;
    if (last === this.#at[0] && word === this.#at[1]) return;
    const changed = last !== this.#at[0];
    this.#at = [last, word];
    this.#locate();
    const place = this.#places[last];
    if (!place || !this.lit) return this.light.clear();
    if (!this.#spans.has(last)) this.#spans.set(last, wordSpans(cue));
    const [from, to] = this.#spans.get(last)[word] ?? [0, 0];
    const sentence = this.#text.range(place.start, place.end);
    this.light.show(sentence, to > from ? this.#text.range(place.start + from, place.start + to) : null);
    if (changed && playing && this.scrolls) this.follower.follow(sentence);
  }

  again(time) {
    this.#at = [-1, -1];
    this.show(time, false);
  }

  clear() {
    this.light.clear();
    this.#at = [-1, -1];
  }

  /** When the sentence at a point of the page is heard; undefined where there is none. */
  timeAt({ clientX, clientY }) {
    const caret = document.caretPositionFromPoint?.(clientX, clientY);
    const range = caret ? null : document.caretRangeFromPoint?.(clientX, clientY);
    const node = caret?.offsetNode ?? range?.startContainer;
    if (!node || !this.#text) return undefined;
    const index = this.#text.index(node, caret?.offset ?? range.startOffset);
    return this.cues[this.#places.findIndex((place) => place && place.start <= index && index < place.end)]?.start;
  }

  #locate() {
    if (!this.article || !this.#due && !this.#text?.stale) return;
    this.#due = false;
    if (!this.#text || this.#text.stale) this.#text = new PageText(this.article);
    this.#places = this.#text.places(this.cues);
    this.#spans.clear();
  }
}
