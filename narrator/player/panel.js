// SPDX-License-Identifier: MIT
// What opens below the controls: chapters, steps, settings, transcript. Loaded when somebody listens.

import { button, h, icon } from "./element.js";
import { clock } from "./words.js";

const STYLE = `
.action { border: 1px solid var(--hair); padding: 0 14px; font-size: .9em; }
.panel { border-top: 1px solid var(--hair); margin-top: 8px; padding: 12px 6px 4px; display: grid; gap: 8px 28px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); align-items: start; }
.panel label { display: flex; align-items: center; justify-content: space-between; gap: 12px; min-height: 44px; }
.panel label input { accent-color: var(--accent); }
.panel input[type=range] { width: 9rem; min-width: 0; height: 44px; margin: 0; }
[role=switch] { appearance: none; width: 44px; height: 26px; margin: 9px 0; border-radius: 13px; border: 1px solid var(--line); background: var(--hair); position: relative; cursor: pointer; flex: none; }
[role=switch]::before { content: ""; position: absolute; inset-block: 3px; inset-inline-start: 3px; width: 18px; border-radius: 50%; background: var(--text); transition: inset-inline-start .12s; }
[role=switch]:checked { background: var(--accent); border-color: var(--accent); }
[role=switch]:checked::before { inset-inline-start: 21px; background: var(--on-accent); }
h2 { font: inherit; font-size: .8125em; font-weight: 600; color: var(--muted); margin: 0 0 4px; }
ol { list-style: none; margin: 0 -6px; padding: 0; max-height: 16.5rem; overflow: auto; }
ol button { width: 100%; border-radius: 10px; justify-content: space-between; gap: 16px; text-align: start; padding: 6px 8px; }
ol span { color: var(--muted); font-variant-numeric: tabular-nums; }
ol [aria-current=true] { color: var(--accent); font-weight: 650; background: var(--hover); }
.steps { display: flex; justify-content: space-between; gap: 4px; }
.foot { grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding-top: 6px; }
.credit { margin-inline-start: auto; }
.transcript { grid-column: 1 / -1; max-height: 18rem; overflow: auto; margin: 0; padding: 12px 14px; border: 1px solid var(--hair); border-radius: 12px; white-space: pre-line; unicode-bidi: plaintext; }
@media (forced-colors: active) { [role=switch]::before { background: ButtonText; } [role=switch]:checked { background: Highlight; } [aria-current=true] { border: 2px solid Highlight; } }`;
const SLEEPS = [5, 15, 30, 60];

export class Panel {
  constructor(words, act) {
    this.words = words;
    this.act = act;
    this.sheet = new CSSStyleSheet();
    this.sheet.replaceSync(STYLE);
    const labelled = (key, control) => h("label", {}, words(key), control);
    const toggle = (key) => this[key] = h("input", { type: "checkbox", role: "switch", onchange: () => act(key, this[key].checked) });
    const option = (value, text) => h("option", { value }, text);
    this.chapters = h("ol");
    this.chapterPart = h("section", { "aria-label": words("chapters"), hidden: true }, h("h2", {}, words("chapters")), this.chapters);
    this.sleep = h("select", { onchange: () => act("sleep", this.sleep.value) },
      option("", words("off")), ...SLEEPS.map((n) => option(n, words("minutes", { n }))), option("chapter", words("chapterEnd")));
    this.volume = h("input", { type: "range", min: 0, max: 1, step: 0.05, oninput: () => act("volume", Number(this.volume.value)) });
    this.download = h("a", { class: "action", part: "download", download: "" }, icon("download"), words("download"));
    this.transcriptButton = h("button", { type: "button", class: "action", "aria-expanded": "false", "aria-controls": "transcript", onclick: () => act("transcript") },
      icon("transcript"), words("transcript"));
    this.transcript = h("p", { id: "transcript", class: "transcript", part: "transcript", tabindex: 0, hidden: true });
    this.credit = h("span", { class: "credit", part: "credit" });
    this.content = [
      this.chapterPart,
      h("div", {},
        h("div", { class: "steps", dir: "ltr" }, ...["previousParagraph", "previousSentence", "nextSentence", "nextParagraph"].map((key) => button(key, words, act))),
        labelled("sleep", this.sleep), labelled("volume", this.volume), labelled("follow", toggle("follow")), labelled("light", toggle("light"))),
      h("div", { class: "foot" }, this.download, this.transcriptButton, this.credit), this.transcript,
    ];
  }

  show(now) {
    const { words, download } = this;
    this.volume.value = now.volume;
    this.sleep.value = now.sleep ?? "";
    this.follow.checked = now.follow;
    this.light.checked = now.light;
    this.credit.textContent = [words("synthetic"), now.credit].filter(Boolean).join(": ");
    if (now.download && download.href !== now.download) download.href = now.download;
  }

  /** The chapters {start, title}. */
  showChapters(chapters) {
    this.chapterPart.hidden = chapters.length < 2;
    this.chapters.replaceChildren(...chapters.map(({ start, title }) =>
      h("li", {}, h("button", { type: "button", onclick: () => this.act("seek", start) }, title, h("span", {}, clock(start))))));
  }

  showChapter(index) {
    [...this.chapters.children].forEach((item, i) => item.firstChild.setAttribute("aria-current", i === index));
  }

  showTranscript(text) {
    const open = this.transcript.hidden;
    this.transcript.hidden = !open;
    this.transcript.textContent = text;
    this.transcriptButton.setAttribute("aria-expanded", open);
  }
}
