/* Runs before the first paint: the colour mode and the rail's width, so that nothing flashes or shifts. */
(function () {
  "use strict";
  var root = document.documentElement;
  function kept(name) {
    try { return window.localStorage.getItem(name); } catch (refused) { return null; }
  }
  var theme = kept("salient-theme");
  if (theme !== "light" && theme !== "dark") {
    theme = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  root.setAttribute("data-bs-theme", theme);
  if (kept("salient-rail") === "narrow") { root.setAttribute("data-rail", "narrow"); }
})();
