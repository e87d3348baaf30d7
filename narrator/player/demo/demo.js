// SPDX-License-Identifier: MIT
// The demo page: tries the player's theming, and copies the line that installs it.

const { documentElement: root } = document;
let accent = null;

function paint() {
  const dark = root.dataset.page === "dark" || !root.dataset.page && matchMedia("(prefers-color-scheme: dark)").matches;
  if (!accent) return;
  root.style.setProperty("--narrator-accent", dark ? accent.accentDark : accent.accent);
  root.style.setProperty("--narrator-on-accent", dark ? accent.ink : "#fff");
}

for (const button of document.querySelectorAll(".tries button")) {
  button.addEventListener("click", () => {
    if (button.dataset.page) root.dataset.page = button.dataset.page;
    else accent = button.dataset;
    paint();
  });
}

const copy = document.getElementById("copy");
copy.addEventListener("click", async () => {
  await navigator.clipboard.writeText(document.getElementById("line").textContent);
  copy.textContent = "Copied";
});
