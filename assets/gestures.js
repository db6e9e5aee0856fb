/* Gestures: saving and sharing views, marks by keyboard, focus that outlives a redraw. The server decides what each means. */
(function () {
  "use strict";
  var count = 0;
  var t = window.salientSay;

  function tell(id, data) {
    count += 1;
    window.dash_clientside.set_props(id, { data: Object.assign({ at: Date.now() + count }, data) });
  }
  function announce(sentence) {
    var live = document.getElementById("live");
    if (live) { live.textContent = sentence; }
  }
  function stands() { return !window.salientScreen && !window.salientPlace && Boolean((document.getElementById("main") || {}).dataset && document.getElementById("main").dataset.view); }

  /* ---- saved views: a button carries the act, the form around it the fields ---- */
  function keep(button) {
    var asked = { act: button.getAttribute("data-keep") };
    ["id", "version", "level"].forEach(function (name) {
      if (button.hasAttribute("data-" + name)) { asked[name] = button.getAttribute("data-" + name); }
    });
    var form = button.closest("form");
    if (form && !form.reportValidity()) { return; }
    (form ? form.querySelectorAll("[name]") : []).forEach(function (field) {
      asked[field.name] = field.type === "checkbox" ? field.checked : field.value;
    });
    tell(button.getAttribute("data-to") || "keep", asked);
  }
  function copy(asked) {
    if (asked && navigator.clipboard) {
      navigator.clipboard.writeText(window.location.origin + asked.link).catch(function () { /* the notice shows it too */ });
    }
    return asked ? asked.link : "";
  }
  document.addEventListener("click", function (event) {
    var element = event.target instanceof Element ? event.target : null;
    var button = element && element.closest("[data-keep]");
    if (button) { keep(button); return; }
    var copied = element && element.closest("[data-copy]");
    if (copied && navigator.clipboard) {
      navigator.clipboard.writeText(copied.getAttribute("data-copy")).then(function () { announce(t("Copied.")); }, function () { /* it can be marked by hand */ });
    }
    var tool = element && element.closest("button[data-tool]");
    var name = tool && tool.getAttribute("data-tool");
    if (name === "views") { tell("views-asked", {}); }
    if (name === "displays") { tell("displays-asked", {}); }
    if (name === "save") { tell("save-asked", {}); }
  });
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "s" && stands()) {
      event.preventDefault();
      if (!document.querySelector(".modal.show")) { tell("save-asked", {}); }
    }
  });

  /* A saved view counts as opened when it comes to stand, not at every step inside of it. */
  var stood = "";
  function savedView(at) {
    var saved = (at && at.saved) || "", is_new = saved && saved !== stood;
    stood = saved;
    return is_new ? { id: saved, at: Date.now() } : window.dash_clientside.no_update;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.salient = Object.assign(window.dash_clientside.salient || {}, { copy: copy, savedView: savedView });
})();
