// SPDX-License-Identifier: MIT
// What the player says, in English; other languages are loaded when a page is in one of them.

const ENGLISH = {
  listen: "Listen to this article", about: "about {n} min", preparing: "Preparing", play: "Play", pause: "Pause",
  back: "Back 15 seconds", forward: "Forward 15 seconds", seek: "Position", of: "{time} of {whole}",
  more: "More", previousSentence: "Previous sentence", nextSentence: "Next sentence",
  previousParagraph: "Previous paragraph", nextParagraph: "Next paragraph", chapters: "Chapters",
  speed: "Speed", volume: "Volume", sleep: "Sleep timer", off: "Off", minutes: "{n} min", chapterEnd: "End of chapter",
  follow: "Scroll along", light: "Highlight while reading", download: "Download",
  transcript: "Transcript", resume: "Resume at {time}", synthetic: "Synthetic voice",
  offline: "You are offline.", failed: "The article could not be played.", retry: "Try again",
  unavailable: "There is no audio of this article.", differs: "The page has changed since this was recorded.",
  buffering: "Loading", player: "Audio player", left: "{time} left", close: "Close",
};
const OTHERS = ["de", "es", "fr", "ru"];

/** A function from a key, and values for its blanks, to the words in a language (BCP 47); its
 * `language` is the one that they are in. */
export async function wordsOf(language) {
  let code = (language || "en").split(/[-_]/)[0].toLowerCase();
  let words = ENGLISH;
  if (OTHERS.includes(code)) {
    words = await import(`./words.${code}.js`).then((module) => ({ ...ENGLISH, ...module.default }), () => ENGLISH);
  }
  if (words === ENGLISH) code = "en";
  return Object.assign((key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]), { language: code });
}

/** 205.4 -> 3:25. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, i) => (i ? String(part).padStart(2, "0") : part)).join(":");
}
