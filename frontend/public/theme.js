// Loaded before anything is painted, so that no page flashes in the other theme. The rest is in src/lib/theme.ts.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("legwise.theme");
  } catch (error) {
    // Storage is refused: the system decides.
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
