// Small comforts; every page works without them.
"use strict";

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const search = document.getElementById("search");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
  if (event.key === "Escape") {
    for (const open of document.querySelectorAll("details.menu[open], details.action[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
});

// One open menu or form at a time; the first field of a form that opens is ready to be typed in.
document.addEventListener("toggle", (event) => {
  const opened = event.target;
  if (!(opened instanceof HTMLDetailsElement) || !opened.open) return;
  if (!opened.matches(".menu, .action")) return;
  for (const other of document.querySelectorAll("details.menu[open], details.action[open]")) {
    if (other !== opened) other.open = false;
  }
  const field = opened.querySelector("input:not([type=hidden]), textarea, select");
  if (field) field.focus();
}, true);

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open], details.action[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
