// SPDX-License-Identifier: MIT
// How the player looks. What a site may set: the custom properties --narrator-*, and the parts.

const LIGHT = `--accent: var(--narrator-accent, #0f6a4f); --on-accent: var(--narrator-on-accent, #fff); --surface: var(--narrator-surface, #f6f8f7);
  --text: var(--narrator-text, #17211d); --muted: var(--narrator-muted, #55635d); --line: var(--narrator-line, #7b8a83); color-scheme: light;`;
const DARK = `--accent: var(--narrator-accent, #7fdcb8); --on-accent: var(--narrator-on-accent, #05271b); --surface: var(--narrator-surface, #1b2421);
  --text: var(--narrator-text, #eef4f1); --muted: var(--narrator-muted, #a9b8b1); --line: var(--narrator-line, #7d8d86); color-scheme: dark;`;

export const STYLE = `
:host { display: block; margin: 1.25rem 0; min-height: 66px; }
:host([hidden]) { display: none; }
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.bar { ${LIGHT} --radius: var(--narrator-radius, 16px); --hair: color-mix(in srgb, var(--text) 14%, transparent); --hover: color-mix(in srgb, var(--text) 9%, transparent);
  container-type: inline-size; font: 400 1rem/1.35 var(--narrator-font, system-ui, sans-serif); text-align: start; color: var(--text); background: var(--surface);
  border: 1px solid var(--hair); border-radius: var(--radius); padding: 8px; margin: 0; width: auto; overflow: visible; }
.bar.dark { ${DARK} }
.bar.stuck { position: fixed; inset: auto 10px max(10px, env(safe-area-inset-bottom)); width: min(46rem, 100vw - 20px); max-height: calc(100dvh - 20px); margin-inline: auto; overflow: auto;
  display: flex; flex-direction: column-reverse; z-index: 2147483001; box-shadow: 0 1px 3px #0003, 0 12px 40px #0004; }
.stuck .panel { border: 0; border-bottom: 1px solid var(--hair); margin: 0 0 8px; }
.row { display: flex; align-items: center; gap: 4px; }
button, select, a { font: inherit; color: inherit; background: none; border: 0; border-radius: 999px; min-width: 44px; min-height: 44px; padding: 0 10px; margin: 0; cursor: pointer;
  display: inline-flex; align-items: center; justify-content: center; gap: 8px; text-decoration: none; flex: none; -webkit-tap-highlight-color: transparent; touch-action: manipulation; }
:is(button, a, select):hover { background: var(--hover); }
.icon { padding: 0; color: var(--muted); }
.icon:hover { color: var(--text); }
select, .chip { border: 1px solid var(--hair); padding: 0 14px; font-size: .9em; }
select { appearance: none; background: none; text-align: center; text-align-last: center; max-width: 100%; }
:focus-visible, .seek:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; flex: none; }
svg .solid { fill: currentColor; stroke-width: 1; }
svg text { fill: currentColor; stroke: none; font: 700 7.4px system-ui, sans-serif; text-anchor: middle; }
.disc { width: 48px; height: 48px; border-radius: 50%; padding: 0; flex: none; display: grid; place-items: center; position: relative; background: var(--accent); color: var(--on-accent); transition: transform .12s; }
.disc:hover, .listen:hover .disc { background: color-mix(in srgb, var(--accent) 86%, var(--text)); }
:is(.disc, .listen):active .disc, .disc:active { transform: scale(.94); }
.idle { flex-wrap: wrap; justify-content: space-between; }
.listen { flex: 1 1 14rem; justify-content: flex-start; gap: 14px; padding: 0; padding-inline-end: 14px; text-align: start; min-width: 0; }
.listen:hover { background: none; }
.listen[aria-disabled=true] { cursor: default; }
.listen b { display: block; font-weight: 650; }
.about, .times, .credit, .note { color: var(--muted); font-size: .875em; font-variant-numeric: tabular-nums; }
.about { display: block; }
.chip { color: var(--accent); border-color: currentColor; font-weight: 600; }
.busy::after { content: ""; position: absolute; inset: -4px; border-radius: 50%; background: conic-gradient(var(--accent) calc(var(--done, .22) * 1turn), transparent 0);
  mask: radial-gradient(closest-side, #0000 calc(100% - 3px), #000 calc(100% - 2.5px)); }
.line { flex: 1; min-width: 0; margin: 0 10px; }
.times { display: flex; gap: 10px; justify-content: space-between; white-space: nowrap; }
.chapter { overflow: hidden; text-overflow: ellipsis; color: var(--text); unicode-bidi: plaintext; }
.seek { position: relative; height: 22px; border-radius: 8px; touch-action: none; --at: 0; --made: 0; }
.seek input { position: absolute; inset: -11px 0; width: 100%; height: 44px; margin: 0; opacity: 0; cursor: pointer; }
.rail, .rail i { position: absolute; inset: 8px 0; border-radius: 3px; background: color-mix(in srgb, var(--line) 45%, transparent); overflow: hidden; }
.rail i { inset: 0; width: calc(var(--made) * 100%); }
.rail i + i { width: calc(var(--at) * 100%); background: var(--accent); }
.rail u { position: absolute; inset-block: 0; width: 3px; margin-left: -1.5px; background: var(--surface); }
.knob { position: absolute; top: 4px; left: calc(var(--at) * 100% - 7px); width: 14px; height: 14px; border-radius: 50%; background: var(--accent); pointer-events: none; transition: transform .12s; }
.seek:is(:hover, :focus-within) .knob { transform: scale(1.25); }
.tip { position: absolute; bottom: 24px; left: clamp(3rem, var(--tip, 0) * 100%, 100% - 3rem); transform: translateX(-50%); max-width: 16rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  pointer-events: none; padding: 3px 9px; border-radius: 8px; font-size: .8125em; background: var(--text); color: var(--surface); opacity: 0; }
.seek:hover .tip:not(:empty) { opacity: 1; }
@container (max-width: 35rem) {
  .active { flex-wrap: wrap; justify-content: space-between; }
  .line { order: -1; flex-basis: 100%; margin: 2px 6px; }
}
@container (max-width: 21rem) { .active { justify-content: center; } }
.note { display: flex; align-items: center; gap: 8px; margin: 0; padding: 6px 8px 2px; unicode-bidi: plaintext; }
.note.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); padding: 0; }
@media (forced-colors: active) {
  .bar, button, .disc { border: 1px solid ButtonText; } .disc { background: ButtonFace; color: ButtonText; }
  .rail { background: GrayText; } .rail i + i, .knob { background: Highlight; } .rail u { background: Canvas; }
}
@media (prefers-reduced-motion: no-preference) { .busy:not([style])::after { animation: turn 1s linear infinite; } @keyframes turn { to { rotate: 1turn; } } }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media print { :host { display: none; } }`;
