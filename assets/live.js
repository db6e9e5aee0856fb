/* Live: asks now and then whether newer data came in, and has the page drawn again where they did. */
(function () {
  "use strict";
  var root = document.documentElement;
  // What may be shown on another site can end at any moment: nobody is to read on.
  var EVERY = root.hasAttribute("data-embed") ? 2000 : 15000;
  var t = window.salientSay;
  var asking = false, ended = false, redrawing = false;

  function shown() { return document.querySelector(".live-status[data-stand]"); }
  function forAScreen() { return root.hasAttribute("data-screen"); }
  function paused() { return !forAScreen() && root.getAttribute("data-live") === "paused"; }
  function asks() { return shown() && !asking && !ended && !redrawing && !paused() && (forAScreen() || !document.hidden); }

  function ask() {
    if (!asks()) { return; }
    asking = true;
    window.fetch("/stand", { headers: Object.assign({ "X-Salient-Timer": "1" }, window.salientScreen), cache: "no-store" })
      .then(function (answer) {
        ended = answer.status === 401;
        if (ended && forAScreen()) { window.location.reload(); }
        return answer.ok ? answer.json() : null;
      })
      .then(function (told) { asking = false; lost(!told); if (told) { compare(told.stand); tell(told); } })
      .catch(function () { asking = false; lost(true); });
  }
  /* The next time may do better; until then a screen says that its figures may be old. */
  function lost(yes) {
    var now = shown();
    if (!forAScreen() || !now) { return; }
    root.toggleAttribute("data-lost", yes);
    now.setAttribute("data-lost", yes ? t("No connection") : "");
  }
  function tell(told) {
    ["exports", "mentions"].forEach(function (news) {
      document.dispatchEvent(new CustomEvent("salient-" + news, { detail: told[news] || 0 }));
    });
  }
  function compare(stand) {
    var now = shown();
    if (!stand || !now || now.getAttribute("data-stand") === stand || !asks()) { return; }
    // A new day is a new page for a screen, which nobody else ever loads again.
    if (forAScreen() && now.getAttribute("data-stand").split(".")[1] !== stand.split(".")[1]) { window.location.reload(); return; }
    redrawing = true;
    window.dash_clientside.set_props("newer", { data: Date.now() });
    watch();
  }

  /* The redraw is over once nothing was under way for two looks in a row. */
  function watch() {
    var quiet = 0;
    var clock = window.setInterval(function () {
      quiet = window.salientPending ? 0 : quiet + 1;
      if (quiet > 1) { window.clearInterval(clock); redrawing = false; }
    }, 400);
  }

  /* ---- the frame came: what it says is told once, and the focus is where it was ---- */
  var known = null;
  function notice() {
    var now = shown(), stand = now && now.getAttribute("data-stand");
    if (!stand || stand === known) { return; }
    var live = document.getElementById("live");
    if (known !== null && redrawing && live) { live.textContent = t("Newer data: {said}.", { said: now.firstElementChild.textContent }); }
    known = stand;
  }
  new MutationObserver(notice).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-stand"] });

  /* ---- pause is kept for as long as the tab is ---- */
  function pause(on) {
    root.setAttribute("data-live", on ? "paused" : "on");
    try { window.sessionStorage.setItem("salient-live", on ? "paused" : "on"); } catch (refused) { /* then until the page is left */ }
    var other = document.querySelector('[data-live="' + (on ? "resume" : "pause") + '"]');
    if (other) { other.focus(); }
    var live = document.getElementById("live");
    if (live) { live.textContent = on ? t("The figures stay as they are.") : t("Newer data are shown as they come in."); }
    ask();
  }
  try { root.setAttribute("data-live", window.sessionStorage.getItem("salient-live") || "on"); } catch (refused) { root.setAttribute("data-live", "on"); }
  document.addEventListener("click", function (event) {
    var button = event.target instanceof Element && event.target.closest("button[data-live]");
    if (button) { pause(button.getAttribute("data-live") === "pause"); }
  });
  document.addEventListener("visibilitychange", ask);
  window.setInterval(ask, EVERY);

  window.salientMarks = function () { return Object.assign(redrawing ? { "X-Salient-Timer": "1" } : {}, window.salientScreen); };
})();
