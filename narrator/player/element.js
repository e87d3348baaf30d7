// SPDX-License-Identifier: MIT
// Elements and icons. No markup is parsed: any content policy holds.

// Paths in a square of 24; one that begins with "!" is filled, one with "@" is text.
const ICONS = {
  play: ["!M8 5.5v13l10.5-6.5z"], pause: ["!M7 5.5h3.2v13H7zM13.8 5.5H17v13h-3.2z"],
  back: ["M12 4.8a8 8 0 1 1-8 8", "!M12 1.8v6L8.6 4.8z", "@15"], forward: ["M12 4.8a8 8 0 1 0 8 8", "!M12 1.8v6l3.4-3z", "@15"],
  previousSentence: ["M6.5 6v12", "!M18 6.5v11L9.5 12z"], nextSentence: ["M17.5 6v12", "!M6 6.5v11l8.5-5.5z"],
  previousParagraph: ["M4 6v12", "!M12.5 6.5v11L6.5 12zM20 6.5v11L14 12z"], nextParagraph: ["M20 6v12", "!M11.5 6.5v11l6-5.5zM4 6.5v11l6-5.5z"],
  more: ["M4 7.5h9m5 0h2M4 16.5h2m5 0h9", "M15.5 5.3a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM8.5 14.3a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z"],
  close: ["M6 6l12 12M18 6L6 18"], download: ["M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 19.5h14"], transcript: ["M5 6.5h14M5 12h14M5 17.5h8"],
};

/** An element with properties and children. */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function icon(name) {
  const make = (tag, properties) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(properties)) element.setAttribute(key, value);
    return element;
  };
  const svg = make("svg", { viewBox: "0 0 24 24", "aria-hidden": true });
  for (const path of ICONS[name]) {
    if (path[0] === "@") svg.append(make("text", { x: 12, y: 15.5 }));
    else svg.append(make("path", path[0] === "!" ? { d: path.slice(1), class: "solid" } : { d: path }));
    if (path[0] === "@") svg.lastChild.textContent = path.slice(1);
  }
  return svg;
}

/** A button of one icon, named by the words of its key, that acts by it. */
export function button(key, words, act, properties) {
  return h("button", {
    type: "button", class: "icon", part: `button ${key}`, "aria-label": words(key), title: words(key), onclick: () => act(key), ...properties,
  }, icon(key));
}
