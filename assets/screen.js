/* Screen: a display that nobody sits at. What is taller than it is turned like a page; Space holds it. */
(function () {
  "use strict";
  var root = document.documentElement;
  if (!root.hasAttribute("data-screen")) { return; }
  var EVERY = 20000, held = false;
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  /* The rows of the dashboard, as far down as each begins. */
  function rows() {
    return Array.prototype.map.call(document.querySelectorAll("main > .kpis, main > .grid"), function (row) {
      return row.getBoundingClientRect().top + window.scrollY;
    });
  }
  function turn() {
    if (held) { return; }
    var head = document.querySelector(".under-bar"), above = head ? head.getBoundingClientRect().height : 0;
    var end = window.scrollY + window.innerHeight, whole = root.scrollHeight;
    var last = rows().filter(function (top) { return top > window.scrollY + above + 8 && top < end; }).pop();
    var to = end >= whole - 8 ? 0 : Math.max((last === undefined ? end : last) - above - 8, window.scrollY + 1);
    window.scrollTo({ top: to, behavior: calm.matches ? "auto" : "smooth" });
  }
  window.setInterval(turn, EVERY);
  document.addEventListener("keydown", function (event) {
    if (event.key === " ") { held = !held; root.toggleAttribute("data-held", held); event.preventDefault(); }
  });
})();
