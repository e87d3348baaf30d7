// SPDX-License-Identifier: MIT
// <narrator-player>: listen to the article of this page, and read along.
//
//   <script type="module" src=".../narrator-player.js"></script>
//   <narrator-player></narrator-player>
//
// Attributes: for (CSS selector of the article), url (its address; else the page's canonical one),
// narration (its id), manifest (address of a site folder's manifest.json), api (address of the
// service; else where this file came from), voice, language, theme (light, dark, auto), position
// (inline, sticky, both), shortcuts (single keys: k or blank, j, l), highlight and scroll ("off").
// Events, which bubble: narrator-play, narrator-progress (detail.percent, by tens), narrator-end.

import { Controls } from "./controls.js";
import { Follower, Light } from "./highlight.js";
import { Sound } from "./sound.js";
import { fromManifest, fromService, Unavailable } from "./sources.js";
import { articleOf, PageText, wordSpans } from "./text.js";
import { clock, wordsOf } from "./words.js";

const WORDS_A_MINUTE = 165;
const SKIP = 15; // Seconds.
let sounding = null; // Of all players of the page, the one that is heard.

class NarratorPlayer extends HTMLElement {
  #now = { state: "idle", time: 0, rate: 1, volume: 1 };
  #cues = [];
  #places = [];
  #chapters = [];
  #spans = new Map();
  #at = { cue: -1, word: -1 };
  #told = 0;
  #setUp = false;
  #saved = 0;

  async connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    if (!this.#setUp) {
      this.#setUp = true;
      const words = await wordsOf(this.getAttribute("language") ?? this.closest("[lang]")?.lang);
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      this.controls = new Controls(root, words, (what, value) => this.#act(what, value));
      this.light = new Light(this.ownerDocument);
    }
    if (signal.aborted) return;
    this.article = articleOf(this, this.getAttribute("for"));
    this.#now.estimate = ((this.article?.textContent.match(/\S+/g) ?? []).length / WORDS_A_MINUTE) * 60;
    this.article?.addEventListener("click", (event) => this.#clicked(event), { signal });
    addEventListener("pagehide", () => this.#save(), { signal });
    addEventListener("online", () => this.#now.state === "offline" && this.#act("retry"), { signal });
    if (this.hasAttribute("shortcuts")) addEventListener("keydown", (event) => this.#key(event), { signal });
    if ((this.getAttribute("position") ?? "both") !== "inline") {
      this.#watch = new IntersectionObserver(([{ isIntersecting }]) => this.#stick(!isIntersecting));
      this.#watch.observe(this);
    }
    if (this.hasAttribute("manifest")) await this.#prepare();
    else this.controls.showResume(this.#remembered()?.time);
    this.#show();
  }

  disconnectedCallback() {
    this.#save();
    this.#preparing = this.#wanted = false;
    this.#life?.abort(new DOMException("removed", "AbortError"));
    this.#watch?.disconnect();
    this.follower?.stop();
    this.sound?.stop();
    this.light?.clear();
    clearTimeout(this.#sleep);
    if (sounding === this) sounding = null;
    Object.assign(this, { sound: null, follower: null });
    Object.assign(this.#now, { state: "idle", time: 0 });
    this.#at = { cue: -1, word: -1 };
  }

  #life; #watch; #sleep; #sleepAt; #stuckOff = false;

  /** Seconds; what a page's own script may ask and set. */
  get currentTime() { return this.sound?.time ?? 0; }
  set currentTime(seconds) { this.sound?.seek(seconds); }
  get state() { return this.#now.state; }
  play() { return this.#play(); }
  pause() { this.sound?.pause(); }

  get #address() {
    const canonical = this.ownerDocument.querySelector("link[rel=canonical]")?.href;
    return this.getAttribute("url") ?? canonical ?? location.href.split("#")[0];
  }

  get #api() {
    return (this.getAttribute("api") ?? new URL("../..", import.meta.url).href).replace(/\/+$/, "");
  }

  #preparing = false;
  #wanted = false; // It is to be heard as soon as there is sound.

  /** Find the narration, or have it made. */
  async #prepare() {
    this.#preparing = true;
    this.sound?.stop();
    const sound = this.sound = new Sound(this.#cues);
    sound.rate = this.#now.rate;
    sound.volume = this.#now.volume;
    sound.addEventListener("change", () => this.#changed());
    sound.addEventListener("ended", () => this.#ended());
    sound.addEventListener("error", () => this.#fail(new Error("sound")));
    const tell = {
      about: (about) => Object.assign(this.#now, Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined))),
      progress: (progress) => { this.#now.progress = progress; this.#show(); },
      cues: (cues) => { this.#cues = sound.cues = cues.filter(Boolean); this.#locate(); },
      chapters: (chapters) => { this.#chapters = chapters; this.controls.showChapters(chapters); },
      sound: ({ url, live, late, duration }) => {
        if (live && !Sound.streams) return;
        if (live) sound.stream(url, late);
        else sound.file(url, duration);
        if (this.#resuming && !live) this.#resume();
        if (this.#wanted && sound.paused && !sound.ended) this.#start();
      },
    };
    try {
      const manifest = this.getAttribute("manifest");
      const asked = { url: this.#address, narration: this.getAttribute("narration"), voice: this.getAttribute("voice") };
      await (manifest ? fromManifest(manifest, tell, this.#life.signal) : fromService(this.#api, asked, tell, this.#life.signal));
      this.controls.showResume(this.#now.time ? 0 : this.#remembered()?.time);
    } catch (error) {
      if (error.name !== "AbortError") this.#fail(error);
    }
    this.#preparing = false;
    this.#show();
  }

  async #play() {
    if (this.sound?.loaded) return this.#start();
    this.#wanted = true;
    this.#now.state = "preparing";
    this.#show();
    if (!this.#preparing) await this.#prepare();
  }

  #start() {
    this.#wanted = false;
    if (sounding && sounding !== this) sounding.pause();
    sounding = this;
    this.#session();
    return this.sound.play().then(() => this.#emit("play"), (error) => this.#fail(error));
  }

  #fail(error) {
    if (error instanceof Unavailable) {
      this.#now.state = "unavailable";
      this.hidden = true;
      return;
    }
    this.sound?.pause();
    this.#wanted = false;
    this.#now.state = error.offline && !navigator.onLine ? "offline" : "failed";
    this.#now.time = this.sound?.time ?? 0;
    this.#show();
  }

  #changed() {
    const { sound } = this;
    if (["failed", "offline"].includes(this.#now.state) && sound.paused) return;
    if (!sound.paused) this.#now.state = sound.waiting ? "buffering" : "playing";
    else if (this.#now.state !== "preparing") this.#now.state = sound.time > 0 ? "paused" : "idle";
    Object.assign(this.#now, { time: sound.time, rate: sound.rate, volume: sound.volume });
    this.#tick();
    if (!sound.paused && !this.#ticking) {
      this.#ticking = true;
      this.#loop();
    }
  }

  #ticking = false;

  #loop() {
    const { sound } = this;
    if (!sound || sound.paused) {
      this.#ticking = false;
      return;
    }
    sound.tick();
    this.#tick();
    // Frames stop in a hidden tab; the sound goes on.
    if (document.hidden) setTimeout(() => this.#loop(), 250);
    else requestAnimationFrame(() => this.#loop());
  }

  #tick() {
    const { time } = this.sound;
    const second = Math.floor(time) !== Math.floor(this.#now.time) || this.#now.state !== this.#shown;
    this.#now.time = time;
    this.#readAlong(time);
    if (!second) return;
    this.#show();
    const whole = this.#now.duration;
    const tens = whole ? Math.floor((10 * time) / whole) * 10 : 0;
    if (tens > this.#told) this.#emit("progress", { percent: (this.#told = tens) });
    const chapter = this.#chapters.findLast(({ start }) => start <= time + 0.05);
    if (chapter) this.controls.showChapter(chapter.start);
    if (this.#sleepAt !== undefined && time >= this.#sleepAt) this.#act("sleep", "now");
    if (Math.abs(time - this.#saved) > 5) this.#save();
    if (whole && "setPositionState" in (navigator.mediaSession ?? {}) && sounding === this) {
      navigator.mediaSession.setPositionState({ duration: whole, position: Math.min(time, whole), playbackRate: this.sound.rate });
    }
  }

  #shown;

  #show() {
    this.#shown = this.#now.state;
    if (this.getAttribute("state") !== this.#now.state) this.setAttribute("state", this.#now.state);
    this.controls.show(this.#now);
  }

  #ended() {
    this.#emit("progress", { percent: (this.#told = 100) });
    this.#emit("end");
    this.light.clear();
    this.#at = { cue: -1, word: -1 };
    this.#told = 0;
    this.sound.seek(0);
    this.#forget();
  }

  #emit(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(`narrator-${name}`, { bubbles: true, composed: true, detail: { id: this.#now.id, ...detail } }));
  }

  // Reading along.

  #locate() {
    if (!this.article || this.#cues.length === this.#places.length && !this.text?.stale) return;
    if (!this.text || this.text.stale) this.text = new PageText(this.article);
    this.#places = this.text.places(this.#cues);
    this.#spans.clear();
    const body = this.#places.filter((_, i) => this.#cues[i].block !== "title" && this.#cues[i].source);
    this.#now.differs = body.length > 0 && body.filter(Boolean).length < body.length * 0.98;
  }

  #readAlong(time) {
    if (!time && this.sound.paused) return;
    const last = this.#cues.findLastIndex(({ start }) => start <= time + 0.02);
    const cue = this.#cues[last];
    const word = cue ? cue.words.findLastIndex(({ start }) => start <= time + 0.02) : -1;
    if (last === this.#at.cue && word === this.#at.word) return;
    const changed = last !== this.#at.cue;
    this.#at = { cue: last, word };
    if (this.text?.stale) this.#locate();
    const place = this.#places[last];
    if (!place || this.getAttribute("highlight") === "off") return this.light.clear();
    if (!this.#spans.has(last)) this.#spans.set(last, wordSpans(cue));
    const [from, to] = this.#spans.get(last)[word] ?? [0, 0];
    const sentence = this.text.range(place.start, place.end);
    this.light.show(sentence, to > from ? this.text.range(place.start + from, place.start + to) : null);
    if (changed && !this.sound.paused && this.getAttribute("scroll") !== "off") (this.follower ??= new Follower()).follow(sentence);
  }

  /** A click on a sentence while the article is being heard goes there. */
  #clicked(event) {
    if (!this.sound?.loaded || !this.#now.time && this.sound.paused) return;
    if (event.target.closest("a, button, input, select, textarea, summary, label, narrator-player") || String(getSelection())) return;
    const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    const range = caret ? null : document.caretRangeFromPoint?.(event.clientX, event.clientY);
    const node = caret?.offsetNode ?? range?.startContainer;
    if (!node || !this.text) return;
    const index = this.text.index(node, caret?.offset ?? range.startOffset);
    const cue = this.#places.findIndex((place) => place && place.start <= index && index < place.end);
    if (cue >= 0) this.sound.seek(this.#cues[cue].start);
  }

  // What a person wants.

  #act(what, value) {
    const { sound } = this;
    switch (what) {
      case "toggle": return sound?.loaded && !sound.paused ? sound.pause() : this.#play();
      case "retry":
        this.#now.state = "idle";
        sound?.stop();
        this.sound = null;
        this.#save();
        this.#resuming = true;
        return this.#play();
      case "resume": {
        this.controls.showResume(0);
        this.#resuming = true;
        if (sound?.loaded) this.#resume();
        return this.#play();
      }
      case "back": return this.#go(sound.time - SKIP);
      case "forward": return this.#go(sound.time + SKIP);
      case "seek": case "chapter": return this.#go(value);
      case "previousSentence": return this.#step(-1, () => true);
      case "nextSentence": return this.#step(1, () => true);
      case "previousParagraph": return this.#step(-1, this.#opens);
      case "nextParagraph": return this.#step(1, this.#opens);
      case "speed": sound.rate = value; return this.#show();
      case "volume": sound.volume = value; return undefined;
      case "follow": return this.setAttribute("scroll", value ? "on" : "off");
      case "light":
        this.setAttribute("highlight", value ? "on" : "off");
        this.#at.word = -2;
        return this.#readAlong(sound.time);
      case "transcript": return this.controls.showTranscript(this.#cues.map(({ source }) => source).join("\n"));
      case "sleep": return this.#sleepAfter(value);
      case "close": this.#stuckOff = true; return this.#stick(false);
      default: return undefined;
    }
  }

  #resuming = false; // From where it was left, as soon as there is a file to seek in.

  #resume() {
    this.#resuming = false;
    this.sound.seek(this.#mapped());
  }

  #go(time) {
    this.sound?.seek(time);
    this.#told = Math.min(this.#told, Math.floor((10 * time) / (this.#now.duration || Infinity)) * 10);
  }

  #opens = (i) => i === 0 || this.#cues[i].block !== this.#cues[i - 1].block;

  #step(by, fits) {
    const { time } = this.sound;
    let i = this.#cues.findLastIndex(({ start }) => start <= time + 0.02);
    // "Previous" goes to the beginning of what is heard, unless that has just begun.
    if (by < 0 && (!fits(i) || time - this.#cues[i].start < 1.5)) i -= 1;
    else if (by > 0) i += 1;
    while (this.#cues[i] && !fits(i)) i += by;
    this.#go(this.#cues[Math.max(0, i)]?.start ?? this.#now.duration);
  }

  #sleepAfter(value) {
    clearTimeout(this.#sleep);
    this.#sleepAt = undefined;
    if (value === "now") {
      this.sound.pause();
      this.controls.sleep.value = "";
    } else if (value === "chapter") {
      this.#sleepAt = this.#chapters.find(({ end }) => end > this.sound.time + 0.1)?.end;
    } else if (Number(value)) {
      this.#sleep = setTimeout(() => this.#act("sleep", "now"), Number(value) * 60_000);
    }
  }

  #key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.composedPath()[0].closest?.("input, select, textarea, button, a, [contenteditable]")) return;
    const what = { " ": "toggle", k: "toggle", j: "back", l: "forward" }[event.key];
    if (!what || !this.sound && what !== "toggle") return;
    event.preventDefault();
    this.#act(what);
  }

  #stick(away) {
    const stuck = away && !this.#stuckOff && this.#now.time > 0 && this.isConnected;
    if (!away) this.#stuckOff = false;
    this.controls.stick(stuck);
  }

  #session() {
    const { mediaSession } = navigator;
    if (!mediaSession) return;
    mediaSession.metadata = new MediaMetadata({ title: this.#now.title ?? document.title, artist: location.hostname });
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

  // Where it was left: by block, since the article may have changed by the next visit.

  get #key_() { return `narrator:${this.getAttribute("narration") ?? this.#address}`; }

  #remembered() {
    try { return JSON.parse(localStorage.getItem(this.#key_)); } catch { return null; }
  }

  #save() {
    const { time } = this.#now;
    const cue = this.#cues[this.#at.cue];
    if (!cue || time < 5) return;
    this.#saved = time;
    const place = { time: Math.floor(time), sha256: this.#now.sha256, block: cue.block, offset: cue.source_start };
    try { localStorage.setItem(this.#key_, JSON.stringify(place)); } catch { /* A private window. */ }
  }

  #forget() {
    try { localStorage.removeItem(this.#key_); } catch { /* A private window. */ }
  }

  /** The time of the remembered place in these cues. */
  #mapped() {
    const place = this.#remembered();
    if (!place) return 0;
    if (place.sha256 && place.sha256 === this.#now.sha256) return place.time;
    const there = this.#cues.filter(({ block }) => block === place.block);
    return (there.findLast((cue) => cue.source_start <= place.offset) ?? there[0])?.start ?? 0;
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

export { clock, NarratorPlayer };
