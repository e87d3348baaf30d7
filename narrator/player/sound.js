// SPDX-License-Identifier: MIT
// One narration as sound: first the stream that is being made, then the finished file.
//
// The finished one, in which one can seek, takes over in a pause between two sentences: it waits at a
// moment of silence, and begins when the stream comes to it.

const SILENT = 0.3; // Seconds of a pause in which there is room for the change.
const SETTLED = 0.08; // Seconds after the end of a sentence at which it has died away.
const START = 0.04; // Seconds that an element needs to begin.

/** An EventTarget with `time`, `duration` (seconds), `play()`, `pause()`, `seek(seconds)`, `rate`,
 * `volume`; events: change (any of these), ended, error, lost (there is no stream any more). */
export class Sound extends EventTarget {
  cues = [];
  duration = 0;
  #element = this.#made();
  #other = this.#made(); // For the finished file.
  #waits = false; // Whether the finished file waits there to take over,
  #joint = 0; // and at which second.
  #live = false; // Whether it is the stream that plays,
  #late = 0; // and by how many seconds that is behind the cues.
  #rate = 1;
  #volume = 1;
  #wanted = false; // Whether it should be heard.

  /** Whether the browser can play an MP3 whose end is not known yet. Safari wants ranges. */
  static get streams() {
    return !/^((?!chrome|android|crios|fxios).)*safari/i.test(navigator.userAgent);
  }

  get time() { return Math.max(0, this.#element.currentTime - this.#late); }
  get paused() { return !this.#wanted; }
  get waiting() { return this.#wanted && this.#element.readyState < 3 && !this.#element.ended; }
  get ended() { return this.#element.ended && !this.#waits; }
  get loaded() { return !!this.#element.src; }
  get rate() { return this.#rate; }
  get volume() { return this.#volume; }

  set rate(rate) { this.#rate = rate; this.#apply(); }
  set volume(volume) { this.#volume = volume; this.#apply(); }

  /** For the moment of a click: some browsers let only what is touched then play later. */
  unlock() {
    for (const element of [this.#element, this.#other]) if (!element.src) element.load();
  }

  set late(seconds) { if (this.#live) this.#late = seconds; }

  /** Play what is being made. */
  stream(url) {
    this.#live = true;
    this.#element.src = url;
  }

  /** The finished file is there, and plays `duration` seconds. */
  file(url, duration) {
    this.duration = duration;
    if (!this.loaded || this.paused && this.time === 0) {
      this.#recorded();
      this.#element.src = url;
    } else if (this.#live) {
      Object.assign(this.#other, { src: url, preload: "auto" });
      this.#waits = true;
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
      if (error.name !== "NotAllowedError") return; // The element's own event tells of it.
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
    if (this.#waits) return this.#change(to);
    const { seekable } = this.#element;
    const last = this.#live && seekable.length ? seekable.end(seekable.length - 1) : Infinity;
    this.#element.currentTime = Math.min(to + this.#late, last);
    this.#tell();
  }

  /** Called while it plays: changes over to the finished file when nobody is speaking. */
  tick() {
    const other = this.#other;
    if (!this.#waits || other.readyState < 1) return;
    const { time } = this;
    if (time > this.#joint + 0.06) {
      const i = this.cues.findIndex(({ start }, k) => k && this.cues[k - 1].end > time + 0.2 && start - this.cues[k - 1].end >= SILENT);
      if (i < 0) return; // It is changed at the end of the stream.
      this.#joint = this.cues[i - 1].end + SETTLED;
      other.currentTime = this.#joint + START;
    } else if (time >= this.#joint && !other.seeking && other.readyState >= 3) this.#change();
  }

  stop() {
    this.pause();
    this.#waits = false;
    this.#drop(this.#element);
    this.#drop(this.#other);
  }

  #change(to) {
    const old = this.#element;
    this.#element = this.#other;
    this.#other = old;
    this.#waits = false;
    this.#recorded();
    this.#apply();
    if (to !== undefined) this.#element.currentTime = to;
    if (this.#wanted) this.#element.play().catch(() => {});
    old.pause();
    this.#drop(old);
    this.#tell();
  }

  #made() {
    const element = new Audio();
    element.preload = "none";
    element.crossOrigin = "anonymous";
    const on = (name, then) => element.addEventListener(name, () => element === this.#element && then());
    for (const name of ["playing", "waiting", "stalled", "seeked", "loadedmetadata", "canplay", "progress"]) on(name, () => this.#tell());
    on("timeupdate", () => this.tick()); // Frames stop in a hidden tab.
    on("pause", () => {
      // By the browser: a headset that was pulled out, another tab.
      if (!this.#wanted || element.ended || element.seeking) return;
      this.#wanted = false;
      this.#tell();
    });
    on("ended", () => {
      if (this.#waits) return this.#change(this.time);
      this.#wanted = false;
      this.#tell();
      this.dispatchEvent(new Event("ended"));
      return undefined;
    });
    on("error", () => {
      if (!element.src) return;
      if (!this.#live) return this.dispatchEvent(new Event("error"));
      if (this.#waits) return this.#change(this.time);
      const lost = Object.assign(new Event("lost"), { time: this.time });
      this.#recorded();
      this.#wanted = false;
      this.#drop(element);
      return this.dispatchEvent(lost);
    });
    return element;
  }

  #recorded() {
    this.#live = false;
    this.#late = 0;
  }

  #drop(element) {
    element.removeAttribute("src");
    element.load(); // Lets go of the connection.
  }

  #apply() {
    const element = this.#element;
    element.playbackRate = element.defaultPlaybackRate = this.#rate;
    element.preservesPitch = true;
    element.volume = this.#volume;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
