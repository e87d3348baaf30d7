// SPDX-License-Identifier: MIT
// What the browser remembers and tells nobody: where an article was left, and the reader's choices.

function read(key) {
  try { return JSON.parse(localStorage.getItem(`narrator:${key}`)); } catch { return null; }
}

function write(key, value) {
  try {
    if (value) localStorage.setItem(`narrator:${key}`, JSON.stringify(value));
    else localStorage.removeItem(`narrator:${key}`);
  } catch { /* Not kept. */ }
}

/** Speed, volume and whether to scroll along and to highlight, for all articles of a site. */
export const choices = {
  get all() { return { speed: 1, volume: 1, follow: true, light: true, ...read("choices") }; },
  set(name, value) { write("choices", { ...this.all, [name]: value }); },
};

/** Where an article was left: by block, since it may have changed by the next visit. */
export class Bookmark {
  constructor(article) {
    this.article = article;
  }

  /** Seconds as they were, or 0. */
  get time() { return read(this.article)?.time ?? 0; }

  put(time, cue, sha256) {
    write(this.article, { time: Math.floor(time), sha256, block: cue.block, offset: cue.source_start });
  }

  remove() {
    write(this.article, null);
  }

  /** The time of the remembered place in these cues: where its sentence begins in other audio, 0
   * where its block is gone. */
  in(cues, sha256) {
    const place = read(this.article);
    if (!place) return 0;
    if (place.sha256 && place.sha256 === sha256) return place.time;
    const there = cues.filter(({ block }) => block === place.block);
    return (there.findLast((cue) => cue.source_start <= place.offset) ?? there[0])?.start ?? 0;
  }
}
