// SPDX-License-Identifier: MIT
// <narrator-player>: listen to the article of this page, and read along.
//
//   <script type="module" src=".../narrator-player.js"></script>
//   <narrator-player></narrator-player>
//
// docs/player.md has all of it.

import { Along } from "./along.js";
import { Controls } from "./controls.js";
import { Bookmark, choices } from "./memory.js";
import { Sound } from "./sound.js";
import { count, fromManifest, fromService, Unavailable } from "./sources.js";
import { articleOf } from "./text.js";
import { wordsOf } from "./words.js";

const WORDS_A_MINUTE = 165;
const SKIP = 15; // Seconds.
const PATIENCE = 60_000; // Milliseconds; later, a connection that is back is no reason for a sound.
let sounding = null; // Of all players of the page, the one that is heard.

class NarratorPlayer extends HTMLElement {
  static observedAttributes = ["manifest", "narration", "url", "api", "voice", "for"];

  #now = {};
  #chapters = [];
  #chapter = null;
  #told = 0; // Percent of which the page knows.
  #saved = 0; // Seconds at which the place was last remembered.
  #life = null; // Its signal ends all that began when the element came into the page.
  #preparing = false;
  #wanted = false; // It is to be heard as soon as there is sound.
  #resuming = false; // From where it was left, as soon as there is a file to seek in.
  #ticking = false;
  #sleep; #sleepAt; #lostAt; #tapped = 0; #closed = false; #away = false; #shown;

  // Coming and going.

  async connectedCallback() {
    const life = this.#life = new AbortController();
    const { signal } = life;
    this.#now = { state: "idle", time: 0, rate: choices.all.speed, volume: choices.all.volume };
    if (!this.controls) {
      const words = await wordsOf(this.getAttribute("language") ?? this.closest("[lang]")?.lang);
      this.controls ??= new Controls(this.shadowRoot ?? this.attachShadow({ mode: "open" }), words, (what, value) => this.#act(what, value));
    }
    if (signal.aborted) return;
    this.hidden = false;
    const article = articleOf(this, this.getAttribute("for"));
    this.#now.estimate = ((article?.textContent.match(/\S+/g) ?? []).length / WORDS_A_MINUTE) * 60;
    this.along = new Along(article, signal);
    this.#choose("follow", choices.all.follow && this.getAttribute("scroll") !== "off");
    this.#choose("light", choices.all.light && this.getAttribute("highlight") !== "off");
    this.#shades(signal);
    article?.addEventListener("click", (event) => this.#clicked(event), { signal });
    addEventListener("pagehide", () => this.#save(), { signal });
    addEventListener("online", () => this.#online(), { signal });
    if (this.hasAttribute("shortcuts")) addEventListener("keydown", (event) => this.#key(event), { signal });
    if (this.getAttribute("position") !== "inline") {
      const watch = new IntersectionObserver(([{ isIntersecting }]) => {
        this.#away = !isIntersecting;
        if (isIntersecting) this.#closed = false;
        this.#stick();
      });
      watch.observe(this);
      signal.addEventListener("abort", () => watch.disconnect());
    }
    if (this.hasAttribute("manifest")) await this.#prepare();
    else this.controls.showResume(this.#bookmark.time);
    if (!signal.aborted) this.#show();
  }

  disconnectedCallback() {
    this.#save();
    this.#preparing = this.#wanted = this.#resuming = false;
    this.#life.abort(new DOMException("removed", "AbortError"));
    this.#life = null;
    this.#drop();
    this.along?.clear();
    this.#wake();
    this.controls?.stick(false);
    if (sounding === this) sounding = null;
  }

  attributeChangedCallback(name, before, after) {
    const life = this.#life;
    if (before === after || !life) return;
    queueMicrotask(() => {
      if (life !== this.#life) return; // Once for all that changed.
      this.disconnectedCallback();
      this.connectedCallback();
    });
  }

  /** Seconds; what a page's own script may ask and set. */
  get currentTime() { return this.sound?.time ?? 0; }
  set currentTime(seconds) { this.sound?.seek(seconds); }
  get state() { return this.#now.state; }
  play() { return this.#play(); }
  pause() { this.sound?.pause(); }

  get #address() {
    return this.getAttribute("url") ?? document.querySelector("link[rel=canonical]")?.href ?? location.href.split("#")[0];
  }

  get #api() {
    return (this.getAttribute("api") ?? new URL("../..", import.meta.url).href).replace(/\/+$/, "");
  }

  get #bookmark() { return new Bookmark(this.getAttribute("narration") ?? this.#address); }

  /** A page may be dark whatever the system says: the colour of its text tells. */
  #shades(signal) {
    const shade = () => {
      const { color } = getComputedStyle(this);
      const [a, b, c] = color.match(/[\d.]+/g).map(Number); // Lightness, or red, green, blue.
      const dark = (/^(ok)?l/.test(color) ? a : 0.3 * a + 0.6 * b + 0.1 * c) > (/^rgb/.test(color) ? 127 : /^l/.test(color) ? 50 : 0.5);
      const theme = this.getAttribute("theme");
      this.controls.shade(theme === "dark" || theme !== "light" && dark);
      this.along.light.shade(dark);
    };
    const watch = new MutationObserver(() => {
      shade();
      setTimeout(shade, 400); // Colours may change slowly.
    });
    for (const root of [document.documentElement, document.body]) watch.observe(root, { attributes: true });
    watch.observe(this, { attributeFilter: ["theme"] });
    signal.addEventListener("abort", () => watch.disconnect());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", shade, { signal });
    shade();
  }

  // From nothing to sound.

  /** Find the narration, or have it made. */
  async #prepare() {
    this.#preparing = true;
    this.#drop();
    const { along, controls } = this;
    const { signal } = this.#life;
    const sound = this.sound = new Sound();
    sound.rate = this.#now.rate;
    sound.volume = this.#now.volume;
    if (this.#wanted) sound.unlock();
    sound.addEventListener("change", () => sound === this.sound && this.#changed());
    sound.addEventListener("ended", () => this.#ended());
    sound.addEventListener("error", () => sound === this.sound && this.#fail(new Error("sound")));
    sound.addEventListener("lost", ({ time }) => this.#lost(time));
    const tell = {
      about: (about) => Object.assign(this.#now, Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined))),
      progress: (progress) => {
        this.#now.progress = progress;
        this.#now.loaded = Math.min(1, progress.seconds / this.#now.estimate || 0);
        if (this.#now.state === "preparing") this.#show();
      },
      cues: (cues, all) => along.told(sound.cues = cues, all),
      chapters: (chapters) => controls.showChapters(this.#chapters = chapters),
      late: (seconds) => sound.late = seconds,
      sound: ({ url, live, duration }) => {
        if (live && (!Sound.streams || this.#resuming)) return;
        if (live) sound.stream(url);
        else {
          sound.file(url, duration);
          this.#now.differs = along.differs;
          this.#now.loaded = 0;
          if (this.#resuming) this.#resume();
        }
        if (this.#wanted && sound.paused && !sound.ended) this.#start();
      },
    };
    try {
      const manifest = this.getAttribute("manifest");
      const asked = { url: this.#address, narration: this.getAttribute("narration"), voice: this.getAttribute("voice") ?? undefined };
      await (manifest ? fromManifest(manifest, tell, signal) : fromService(this.#api, asked, tell, signal));
      if (!this.#now.time) controls.showResume(this.#bookmark.time);
    } catch (error) {
      if (signal.aborted) return;
      this.#fail(error);
    }
    this.#preparing = false;
    this.#show();
  }

  async #play() {
    if (this.sound?.loaded) return this.#start();
    this.#wanted = true;
    this.#now.state = "preparing";
    if (this.#preparing) this.sound.unlock();
    this.#show();
    if (!this.#preparing) await this.#prepare();
    return undefined;
  }

  #start() {
    this.#wanted = false;
    if (sounding && sounding !== this) {
      sounding.pause();
      sounding.along?.clear();
    }
    sounding = this;
    this.#session();
    this.controls.showResume(0);
    return this.sound.play().then(() => this.#emit("play"), () => {}); // Not allowed: it waits for another click.
  }

  /** The stream broke, or cannot be played here: the finished file will do. */
  #lost(time) {
    if (!this.#preparing) return this.#fail(new Error("sound"));
    this.#now.state = "preparing";
    this.#now.time = time;
    this.#wanted = this.#resuming = true;
    return this.#show();
  }

  #fail(error) {
    const asked = this.#wanted;
    this.sound?.pause();
    this.#wanted = false;
    if (error instanceof Unavailable) {
      this.#now.state = "unavailable";
      this.hidden = !asked; // Who pressed a button is told.
    } else {
      this.#now.state = navigator.onLine ? "failed" : "offline";
      this.#lostAt = performance.now();
      this.#now.time = this.sound?.time || this.#now.time;
      if (!this.#now.time) this.along.clear();
    }
    this.#show();
  }

  #online() {
    if (this.#now.state !== "offline") return;
    if (performance.now() - this.#lostAt < PATIENCE) this.#retry();
    else {
      this.#now.state = this.#now.time ? "paused" : "idle";
      this.#show();
    }
  }

  #retry() {
    if (this.#now.time > 0) {
      this.#save(0);
      this.#resuming = true;
    }
    this.#drop();
    return this.#play();
  }

  #drop() {
    const { sound } = this;
    this.sound = null; // Whatever it says now is of no interest.
    sound?.stop();
  }

  // While it plays.

  #changed() {
    const { sound } = this;
    if (["failed", "offline", "unavailable"].includes(this.#now.state) && sound.paused) return;
    if (!sound.paused) this.#now.state = sound.waiting ? "buffering" : "playing";
    else if (this.#now.state !== "preparing") this.#now.state = sound.time > 0 ? "paused" : "idle";
    Object.assign(this.#now, { rate: sound.rate, volume: sound.volume });
    if (this.#now.state === "preparing") return;
    this.#tick();
    if (!sound.paused && !this.#ticking) {
      this.#ticking = true;
      this.#loop();
    }
  }

  #loop() {
    const { sound } = this;
    this.#ticking = !!sound && !sound.paused;
    if (!this.#ticking) return;
    sound.tick();
    this.#tick();
    // Frames stop in a hidden tab; the sound goes on.
    if (document.hidden) setTimeout(() => this.#loop(), 250);
    else requestAnimationFrame(() => this.#loop());
  }

  #tick() {
    const { sound, along } = this;
    const { time } = sound;
    const second = Math.floor(time * 4) !== Math.floor(this.#now.time * 4) || this.#now.state !== this.#shown;
    this.#now.time = time;
    if (time > 0 || !sound.paused) along.show(time, !sound.paused);
    if (!second) return;
    this.#show();
    this.#stick();
    const whole = this.#now.duration;
    const tens = whole ? Math.floor((10 * time) / whole) * 10 : 0;
    if (tens > this.#told) this.#emit("progress", { percent: (this.#told = tens) });
    const chapter = this.#chapters.findLastIndex(({ start }) => start <= time + 0.05);
    if (chapter !== this.#chapter) this.controls.showChapter(this.#chapter = chapter);
    if (time >= this.#sleepAt) this.#wake(true);
    if (Math.abs(time - this.#saved) > 5) this.#save();
    if (whole && sounding === this) {
      navigator.mediaSession?.setPositionState?.({ duration: whole, position: Math.min(time, whole), playbackRate: sound.rate });
    }
  }

  #show() {
    this.#shown = this.#now.state;
    if (this.getAttribute("state") !== this.#now.state) this.setAttribute("state", this.#now.state);
    this.controls.show(this.#now);
  }

  #ended() {
    if (this.#told < 100) this.#emit("progress", { percent: 100 });
    this.#emit("end");
    this.along.clear();
    this.#told = 0;
    this.sound.seek(0);
    this.#bookmark.remove();
  }

  #emit(name, detail = {}) {
    const { id } = this.#now;
    this.dispatchEvent(new CustomEvent(`narrator-${name}`, { bubbles: true, composed: true, detail: { id, ...detail } }));
    if (this.hasAttribute("count") && name !== "end") count(this.#api, id, detail.percent ?? 0);
  }

  // What a person wants.

  #act(what, value) {
    const { sound, controls, along } = this;
    switch (what) {
      case "toggle": return sound && !sound.paused ? sound.pause() : this.#play();
      case "retry": return this.#retry();
      case "resume":
        controls.showResume(0);
        this.#resuming = true;
        if (sound?.loaded) this.#resume();
        return this.#play();
      case "back": return this.#go(sound.time - SKIP);
      case "forward": return this.#go(sound.time + SKIP);
      case "seek": return this.#go(value);
      case "previousSentence": return this.#step(-1, () => true);
      case "nextSentence": return this.#step(1, () => true);
      case "previousParagraph": return this.#step(-1, this.#opens);
      case "nextParagraph": return this.#step(1, this.#opens);
      case "speed": case "volume":
        sound[what === "speed" ? "rate" : what] = value;
        choices.set(what, value);
        return this.#show();
      case "follow": case "light":
        choices.set(what, value);
        this.#choose(what, value);
        return along.again(sound.time);
      case "transcript": return controls.panel.showTranscript(this.transcript);
      case "sleep": return this.#sleepAfter(value);
      case "close":
        this.#closed = true;
        return this.#stick();
      default: return undefined;
    }
  }

  #choose(what, value) {
    this.along[what === "follow" ? "scrolls" : "lit"] = this.#now[what] = value;
  }

  /** What is said, as the captions have it: the text of the page, a line for each of its blocks. */
  get transcript() {
    const { cues } = this.along;
    return cues.map(({ source, spoken, block }, i) => `${i ? (block === cues[i - 1].block ? " " : "\n") : ""}${source || spoken}`).join("");
  }

  #resume() {
    this.#resuming = false;
    this.sound.seek(this.#bookmark.in(this.along.cues, this.#now.sha256));
  }

  #go(time) {
    if (!this.sound?.loaded) return;
    this.along.follower.back();
    this.sound.seek(time);
    this.#told = Math.min(this.#told, Math.floor((10 * Math.max(0, time)) / (this.#now.duration || Infinity)) * 10);
  }

  #opens = (i) => i === 0 || this.along.cues[i].block !== this.along.cues[i - 1].block;

  #step(by, fits) {
    const { time } = this.sound;
    const { cues } = this.along;
    let i = cues.findLastIndex(({ start }) => start <= time + 0.02);
    // "Previous" goes to the beginning of what is heard, unless that has just begun.
    if (by < 0 && (!fits(i) || time - cues[i].start < 1.5)) i -= 1;
    else if (by > 0) i += 1;
    while (cues[i] && !fits(i)) i += by;
    this.#go(cues[Math.max(0, i)]?.start ?? this.#now.duration);
  }

  /** A click on a sentence while the article is being heard goes there; a finger has to tap twice,
   * since it touches to scroll, too. */
  #clicked(event) {
    if (!this.sound?.loaded || !this.#now.time && this.sound.paused) return;
    if (event.target.closest("a, button, input, select, textarea, summary, label, narrator-player")) return;
    const since = event.timeStamp - this.#tapped;
    if (event.pointerType === "touch") this.#tapped = event.timeStamp;
    if (event.pointerType === "touch" ? since > 500 : event.detail > 1 || String(getSelection())) return;
    const time = this.along.timeAt(event);
    if (time !== undefined) this.#go(time);
  }

  #key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.composedPath()[0].closest?.("input, select, textarea, button, a, [contenteditable]")) return;
    const what = { " ": "toggle", k: "toggle", j: "back", l: "forward" }[event.key];
    if (!what || !this.sound && what !== "toggle") return;
    event.preventDefault();
    this.#act(what);
  }

  #sleepAfter(value) {
    this.#wake();
    this.#now.sleep = value;
    if (value === "chapter") this.#sleepAt = this.#chapters.find(({ end }) => end > this.sound.time + 0.1)?.end;
    else if (value) this.#sleep = setTimeout(() => this.#wake(true), Number(value) * 60_000);
  }

  /** The sleep timer is over, or off. */
  #wake(over = false) {
    clearTimeout(this.#sleep);
    this.#sleepAt = undefined;
    if (!over) return;
    this.#now.sleep = "";
    this.sound?.pause();
  }

  #stick() {
    const away = this.#away || this.getAttribute("position") === "sticky";
    const begun = this.#now.time > 0 || ["playing", "buffering"].includes(this.#now.state);
    this.controls.stick(away && begun && !this.#closed && this.getAttribute("position") !== "inline");
  }

  #session() {
    const { mediaSession } = navigator;
    if (!mediaSession) return;
    const meta = (name) => document.querySelector(`meta[property="og:${name}"]`)?.content;
    const src = meta("image");
    mediaSession.metadata = new MediaMetadata({
      title: this.#now.title ?? document.title, artist: meta("site_name") ?? location.hostname, artwork: src ? [{ src: new URL(src, document.baseURI).href }] : [],
    });
    const handlers = {
      play: () => this.play(), pause: () => this.pause(),
      seekbackward: () => this.#act("back"), seekforward: () => this.#act("forward"),
      previoustrack: () => this.#act("previousParagraph"), nexttrack: () => this.#act("nextParagraph"),
      seekto: ({ seekTime }) => this.#go(seekTime),
    };
    for (const [name, handler] of Object.entries(handlers)) {
      try { mediaSession.setActionHandler(name, handler); } catch { /* One that this browser does not know. */ }
    }
  }

  #save(least = 5) {
    const { time, sha256 } = this.#now;
    const cue = this.along?.cue;
    if (!cue || time < least) return;
    this.#saved = time;
    this.#bookmark.put(time, cue, sha256);
  }
}

customElements.get("narrator-player") ?? customElements.define("narrator-player", NarratorPlayer);

// <script data-narrator-auto>: the player comes after the headline, with the script's data-* as its
// attributes (data-voice, data-manifest ...).
const script = document.querySelector("script[data-narrator-auto]");
if (script && !document.querySelector("narrator-player")) {
  const place = () => {
    const article = articleOf(script, script.dataset.for);
    const player = document.createElement("narrator-player");
    for (const { name, value } of script.attributes) {
      if (name.startsWith("data-") && name !== "data-narrator-auto") player.setAttribute(name.slice(5), value);
    }
    const headline = article?.querySelector("h1");
    if (headline) headline.after(player);
    else article?.prepend(player);
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", place);
  else place();
}

export { NarratorPlayer };
