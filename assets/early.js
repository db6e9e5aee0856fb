/* Runs before the first paint: the colour mode, the rail's width and whether this is a screen: nothing flashes or shifts. */
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
  var screen = /^\/screen\/([A-Za-z0-9_-]+)$/.exec(window.location.pathname);
  if (screen) {
    root.setAttribute("data-screen", "");
    window.salientScreen = { "X-Salient-Screen": screen[1] };
  }
  if (kept("salient-rail") === "narrow") { root.setAttribute("data-rail", "narrow"); }
})();
