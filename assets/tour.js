/* The tour: a dialog that points at one place of the page after another. It opens only when somebody asks for it. */
(function () {
  "use strict";
  var at = 0;
  var before = null;
  function dialog() { return document.getElementById("tour-dialog"); }
  function steps() { return Array.prototype.slice.call(dialog().querySelectorAll("[data-target]")); }
  function shown(selector) {
    return Array.prototype.find.call(document.querySelectorAll(selector), function (found) {
      return found.getClientRects().length > 0 && !found.closest("dialog");
    });
  }
  /* Beside its place: below where there is room, else above, and always inside the window. */
  function place() {
    var ring = dialog().querySelector(".tour-ring");
    var card = dialog().querySelector(".tour-card");
    var target = shown(steps()[at].getAttribute("data-target"));
    ring.hidden = !target;
    card.style.left = "";
    card.style.top = "";
    if (!target) { return; }
    var panel = target.closest(".kpi, .panel");
    var box = (panel || target).getBoundingClientRect();
    if (box.top < 80 || box.top > window.innerHeight - 120) {
      (panel || target).scrollIntoView({ block: "center" });
      box = (panel || target).getBoundingClientRect();
    }
    ring.style.cssText = "left:" + (box.left - 6) + "px;top:" + (box.top - 6) + "px;width:" + (box.width + 12) + "px;height:" + (box.height + 12) + "px";
    var tall = card.offsetHeight;
    var below = box.bottom + 16;
    var top = below + tall < window.innerHeight - 12 ? below : Math.max(12, box.top - tall - 16);
    card.style.top = top + "px";
    card.style.left = Math.max(12, Math.min(box.left, window.innerWidth - card.offsetWidth - 12)) + "px";
  }
  function show(step) {
    at = step;
    var all = steps();
    all.forEach(function (each, index) { each.hidden = index !== at; });
    dialog().querySelector("[data-tour=back]").disabled = at === 0;
    dialog().classList.toggle("last", at === all.length - 1);
    place();
  }
  function start() {
    before = document.activeElement;
    document.querySelectorAll("details.pick[open]").forEach(function (menu) { menu.removeAttribute("open"); });
    dialog().showModal();
    show(0);
    dialog().querySelector("[data-tour=next]").focus();
  }
  function seen() {
    window.dash_clientside.set_props("tour-seen", { data: { at: Date.now() } });
  }
  function leave() {
    seen();
    // The offer goes away with the answer: the focus must not fall out of the page with it.
    var stays = before && before.isConnected && !before.closest("#tour, details:not([open])");
    (stays ? before : document.getElementById("main")).focus();
  }
  var ACTS = {
    start: start,
    never: function () { seen(); document.getElementById("main").focus(); },
    end: function () { dialog().close(); },
    back: function () { show(Math.max(0, at - 1)); if (at === 0) { dialog().querySelector("[data-tour=next]").focus(); } },
    next: function () { if (at + 1 < steps().length) { show(at + 1); } else { dialog().close(); } }
  };
  document.addEventListener("click", function (event) {
    var button = event.target instanceof Element ? event.target.closest("button[data-tour]") : null;
    if (button) { ACTS[button.getAttribute("data-tour")](); }
  });
  document.addEventListener("close", function (event) { if (event.target === dialog()) { leave(); } }, true);
  window.addEventListener("resize", function () { if (dialog() && dialog().open) { place(); } });
})();
