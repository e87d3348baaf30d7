// SPDX-License-Identifier: MIT
// One narration as sound: first the stream that is being made, then the finished file.
//
// The stream cannot be sought in as a file can, so the finished one takes over as soon as it is there,
// in a pause between two sentences, where nothing is heard of it.

/** An EventTarget with `time`, `duration` (seconds), `play()`, `pause()`, `seek(seconds)`, `rate`,
 * `volume`; events: change (any of these), ended, error. */
export class Sound extends EventTarget {
  #element;
  #next = null; // The finished file, while it waits for a pause to take over.
  #late = 0; // Seconds by which the stream is behind the cues.
  #rate = 1;
  #volume = 1;
  #wanted = false; // Whether it should be heard.

  constructor(cues) {
    super();
    this.cues = cues;
    this.duration = 0;
    this.#element = this.#made("");
  }

  /** Whether the browser can play an MP3 whose end is not known yet. Safari wants ranges. */
  static get streams() {
    const agent = navigator.userAgent;
    return !/^((?!chrome|android|crios|fxios).)*safari/i.test(agent);
  }

  get time() { return Math.max(0, this.#element.currentTime - this.#late); }
  get paused() { return !this.#wanted; }
  get waiting() { return this.#wanted && this.#element.readyState < 3 && !this.#element.ended; }
  get ended() { return this.#element.ended && !this.#next; }
  get loaded() { return !!this.#element.src; }
  get rate() { return this.#rate; }
  get volume() { return this.#volume; }

  set rate(rate) { this.#rate = rate; this.#apply(this.#element); this.#tell(); }
  set volume(volume) { this.#volume = volume; this.#apply(this.#element); this.#tell(); }

  /** Play what is being made, `late` seconds behind the cues. */
  stream(url, late) {
    this.#late = late;
    this.#element.src = url;
  }

  /** The finished file is there, and plays `duration` seconds. */
  file(url, duration) {
    this.duration = duration;
    if (!this.loaded || this.paused && this.time === 0) {
      this.#late = 0;
      this.#element.src = url;
    } else if (this.#late) {
      this.#next = this.#made(url);
      this.#next.preload = "auto";
      if (this.paused || this.#element.ended) this.#change(this.time);
    }
    this.#tell();
  }

  async play() {
    this.#wanted = true;
    this.#tell();
    try {
      await this.#element.play();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#wanted = false;
      this.#tell();
      throw error;
    }
  }

  pause() {
    this.#wanted = false;
    this.#element.pause();
    this.#tell();
  }

  /** Go to a time; in the stream no further than it has come. */
  seek(seconds) {
    const to = Math.max(0, this.duration ? Math.min(seconds, this.duration - 0.05) : seconds);
    if (this.#next) return this.#change(to);
    const { seekable } = this.#element;
    const last = this.#late && seekable.length ? seekable.end(seekable.length - 1) : Infinity;
    this.#element.currentTime = Math.min(to + this.#late, last);
    this.#tell();
  }

  /** Called while it plays: changes over to the finished file when nobody is speaking. */
  tick() {
    if (!this.#next || this.#next.readyState < 3) return;
    const { time } = this;
    const after = this.cues.findIndex((cue) => cue.start > time);
    const before = this.cues.at(after < 0 ? -1 : after - 1);
    if (after > 0 && before.end + 0.06 < time && time < this.cues[after].start - 0.12) this.#change(time);
  }

  stop() {
    this.pause();
    this.#next = null;
    this.#drop(this.#element);
  }

  #change(to) {
    const old = this.#element;
    this.#element = this.#next ?? old;
    this.#next = null;
    this.#late = 0;
    this.#apply(this.#element);
    this.#element.currentTime = to;
    if (this.#wanted) this.#element.play().catch(() => {});
    if (old !== this.#element) {
      old.pause();
      this.#drop(old);
    }
    this.#tell();
  }

  #made(url) {
    const element = new Audio();
    element.preload = "none";
    element.crossOrigin = "anonymous";
    if (url) element.src = url;
    for (const event of ["playing", "waiting", "stalled", "seeked", "loadedmetadata", "canplay"]) {
      element.addEventListener(event, () => element === this.#element && this.#tell());
    }
    element.addEventListener("pause", () => {
      // By the browser: a headset that was pulled out, another tab.
      if (element === this.#element && this.#wanted && !element.ended && !element.seeking) {
        this.#wanted = false;
        this.#tell();
      }
    });
    element.addEventListener("ended", () => {
      if (element !== this.#element) return;
      if (this.#next) return this.#change(this.time);
      this.#wanted = false;
      this.#tell();
      this.dispatchEvent(new Event("ended"));
    });
    element.addEventListener("error", () => {
      if (element === this.#next) this.#next = null;
      else if (element === this.#element && element.src) this.dispatchEvent(new Event("error"));
    });
    return element;
  }

  #drop(element) {
    element.removeAttribute("src");
    element.load(); // Lets go of the connection.
  }

  #apply(element) {
    element.playbackRate = element.defaultPlaybackRate = this.#rate;
    element.preservesPitch = true;
    element.volume = this.#volume;
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
