const by = (id) => document.getElementById(id);
by("address").textContent = new URL(by("address").textContent, location.href).href;
by("theme").addEventListener("change", ({ target }) => { document.documentElement.className = target.value; });
by("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(by("lines").textContent);
    by("said").textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(by("lines"));
    by("said").textContent = "Selected: copy them with your keyboard.";
  }
});
