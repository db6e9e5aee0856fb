/* The browser's part: links that keep the page, colours from tokens, panel states, menus. It decides nothing about data. */
(function () {
  "use strict";
  var root = document.documentElement;
  var t = window.salientSay;

  /* ---- small words ---- */
  function tell(id, data) {
    var asked = Object.assign({ at: Date.now() }, data);
    window.dash_clientside.set_props(id, { data: asked });
  }
  function keep(name, value) {
    try { window.localStorage.setItem(name, value); } catch (refused) { /* private windows forget */ }
  }
  function here() { return window.location.pathname + window.location.search; }
  /* A saved view that was opened stays named behind the #, for as long as one stays on its dashboard. */
  function go(href) {
    if (window.salientPlace && href.indexOf("/d/") === 0) { href = window.salientPlace + href; }
    var opened = window.location.hash;
    var stays = href.split("?")[0].split("/")[2] === window.location.pathname.split("/")[2];
    if (href.indexOf("#") < 0 && stays && opened.indexOf("#v=") === 0) { href += opened; }
    if (href.slice(-1) === "#") { href = href.slice(0, -1); }
    if (href === here() + opened) { return; }
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }
  window.salientGo = go;

  /* ---- a session that has ended leads to the sign-in page, and back here afterwards ---- */
  var plainFetch = window.fetch;
  window.salientPending = 0;
  window.fetch = function (address, options) {
    // What a clock asks for is marked, so that a page nobody looks at does not keep a session alive.
    var marked = window.salientMarks && String(address).indexOf("/_dash") >= 0 ? window.salientMarks() : null;
    var sent = marked ? Object.assign({}, options, { headers: Object.assign({}, (options || {}).headers, marked) }) : options;
    window.salientPending += 1;
    return plainFetch.call(this, address, sent).finally(function () { window.salientPending -= 1; }).then(function (answer) {
      if (answer.status === 401 && answer.url.indexOf("/_dash") > 0 && window.salientScreen) {
        window.location.reload();
      } else if (answer.status === 401 && answer.url.indexOf("/_dash") > 0) {
        window.location.assign("/login?next=" + encodeURIComponent(here()));
      }
      return answer;
    });
  };

  /* ---- states: a panel stands when its answer, and its chart, belong to the view that the page shows ---- */
  function stateOf(panel, view) {
    var answer = panel.matches("[data-outcome]") ? panel : panel.querySelector("[data-outcome]");
    if (!answer || answer.getAttribute("data-view") !== view) { return "loading"; }
    var outcome = answer.getAttribute("data-outcome");
    if (outcome !== "ready" || answer.getAttribute("data-pictured") !== "true") { return outcome; }
    var tree = panel.querySelector(".tree");
    if (tree) { return tree.getAttribute("data-view") === view ? "ready" : "loading"; }
    var plot = panel.querySelector(".js-plotly-plot");
    var meta = plot && plot.layout && plot.layout.meta;
    return meta && meta.view === view && plot.querySelector(".main-svg") ? "ready" : "loading";
  }
  /* On a phone a picture of few rows takes no more room than these. */
  function fit(panel) {
    var stage = panel.querySelector(".stage"), plot = stage && stage.querySelector(".js-plotly-plot");
    var few = plot && plot.layout && plot.layout.meta && plot.layout.meta.few;
    var tall = window.salientPictures.room() > 0 && few ? few.tall + "px" : "";
    if (stage && stage.style.getPropertyValue("--few") !== tall) { stage.style.setProperty("--few", tall); }
  }
  function words(panel, selector) {
    var found = panel.querySelector(selector);
    return found ? found.textContent : "";
  }
  function mark(element, name, value) {
    if (element.getAttribute(name) !== value) { element.setAttribute(name, value); }
  }
  function settle() {
    if (due !== null) { window.clearTimeout(due); due = null; }
    announceRows();
    var main = document.getElementById("main");
    if (!main) { return; }
    var view = main.getAttribute("data-view");
    var settled = main.getAttribute("data-href") === here();
    document.querySelectorAll("[data-panel]").forEach(function (panel) {
      var state = stateOf(panel, view);
      mark(panel, "data-state", state);
      var chart = panel.querySelector(".chart");
      if (chart) { mark(chart, "aria-label", words(panel, "h2") + ". " + words(panel, ".finding")); }
      mark(panel, "aria-busy", String(state === "loading"));
      // A redrawn heading brings a button that knows nothing of the table standing below it.
      var flips = panel.querySelector("[data-tool=flip]");
      if (flips) { mark(flips, "aria-pressed", String(panel.classList.contains("flipped"))); }
      askTable(panel);
      if (state !== "loading") { mark(panel, "data-stood", "true"); fit(panel); }
      settled = settled && state !== "loading";
    });
    var title = main.getAttribute("data-title");
    if (title) { document.title = title === "Salient" ? title : title + " · Salient"; }
    var before = main.getAttribute("data-ready");
    mark(main, "data-ready", String(settled));
    if (settled && before === "false") { announce(main); }
  }
  var due = null;
  function refresh() { if (due === null) { due = window.setTimeout(settle, 25); } }
  function announce(main) {
    var live = document.getElementById("live");
    var said = main.querySelector(".lede, .state-page p");
    var chips = document.querySelectorAll(".crumbs .chip > span");
    var filters = Array.prototype.map.call(chips, function (chip) { return chip.textContent; }).join(", ");
    var sentence = said && said.textContent ? said.textContent : t("The page is ready.");
    if (live) { live.textContent = (filters ? t("Filtered by {filters}.", { filters: filters }) + " " : "") + sentence; }
  }
  /* How many rows stand in the sheet, and by what they are filtered, is said when it is known. */
  var told = "";
  function announceRows() {
    var head = document.querySelector("#rows-head p");
    var text = head ? head.textContent : "";
    if (text === told) { return; }
    told = text;
    var live = document.getElementById("live");
    if (live && text) { live.textContent = text; }
  }

  /* ---- menus are <details>; one open at a time, closed by Escape, by a click outside and by every change of view ---- */
  function closeMenus(except) {
    document.querySelectorAll("details.pick[open]").forEach(function (menu) {
      if (menu !== except) { menu.removeAttribute("open"); }
    });
  }

  function switchTheme() {
    var theme = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", theme);
    keep("salient-theme", theme);
    window.salientPictures.all();
  }
  function switchRail() {
    var narrow = root.getAttribute("data-rail") !== "narrow";
    if (narrow) { root.setAttribute("data-rail", "narrow"); } else { root.removeAttribute("data-rail"); }
    keep("salient-rail", narrow ? "narrow" : "wide");
    window.setTimeout(function () { window.dispatchEvent(new Event("resize")); }, 220);
  }
  function flip(button) {
    var panel = button.closest("[data-panel]");
    var flipped = panel.classList.toggle("flipped");
    button.setAttribute("aria-pressed", String(flipped));
    askTable(panel);
  }
  /* Most tables are never looked at: one that is, is asked for, and anew when the view changes under it. */
  function askTable(panel) {
    var main = document.getElementById("main"), flipped = panel.classList.contains("flipped");
    var wanted = flipped ? main.getAttribute("data-dashboard") + " " + main.getAttribute("data-view") : "";
    if ((panel.salientTable || "") === wanted) { return; }
    panel.salientTable = wanted;
    var table = { dashboard: main.getAttribute("data-dashboard"), panel: panel.getAttribute("data-panel"), type: "twin" };
    window.dash_clientside.set_props(table, flipped ? { "data-asked": Date.now() } : { children: [] });
  }
  function range(button, versus) {
    var menu = button.closest("form");
    var from = menu.querySelector("[name=from]").value;
    var to = menu.querySelector("[name=to]").value;
    if (from && to) { tell("range-asked", { from: from, to: to, versus: versus === true }); }
  }
  var TOOLS = {
    theme: switchTheme,
    rail: switchRail,
    flip: flip,
    range: range,
    against: function (button) { range(button, true); },
    filters: function () { tell("filters-asked", {}); },
    rows: function (button) { tell("rows-asked", { panel: button.closest("[data-panel]").getAttribute("data-panel") }); },
    explain: function (button) { tell("explain-asked", { panel: button.closest("[data-panel]").getAttribute("data-panel") }); },
    again: function () { window.location.reload(); }
  };

  document.addEventListener("click", function (event) {
    var element = event.target instanceof Element ? event.target : null;
    if (!element) { return; }
    // The shade behind a sheet belongs to the menu itself: a click on it closes the menu.
    closeMenus(element.matches("details.pick") ? null : element.closest("details.pick"));
    var tool = element.closest("button[data-tool]");
    if (tool && TOOLS[tool.getAttribute("data-tool")]) {
      TOOLS[tool.getAttribute("data-tool")](tool);
      return;
    }
    var link = element.closest("a[href]");
    var plain = link && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!plain || link.target || link.hasAttribute("download") || link.origin !== window.location.origin) { return; }
    if (link.hash === "#main") {
      event.preventDefault();
      document.getElementById("main").focus();
      return;
    }
    if ((link.pathname.indexOf("/d/") !== 0 && !(window.salientPlace && link.pathname.indexOf(window.salientPlace) === 0)) || (link.hash && link.hash.indexOf("#v=") !== 0)) { return; }
    event.preventDefault();
    var elsewhere = link.pathname !== window.location.pathname;
    if (!link.hasAttribute("data-stay")) { closeMenus(null); }
    go(link.pathname + link.search + (link.href.slice(-1) === "#" ? "#" : link.hash));
    if (elsewhere) { window.scrollTo(0, 0); }
  });
  document.addEventListener("submit", function (event) {
    if (event.target.matches("form[data-quiet]")) { event.preventDefault(); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      var open = document.querySelector("details.pick[open] > summary");
      closeMenus(null);
      if (open) { open.focus(); }
      var found = document.getElementById("found");
      if (found && found.contains(document.activeElement)) { document.getElementById("search").focus(); }
    }
    if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) {
      var search = document.getElementById("search");
      if (search && search.offsetParent) { event.preventDefault(); search.focus(); }
    }
  });
  /* At once, not soon: nobody may take the former page for the one just asked for. */
  window.addEventListener("popstate", function () { closeMenus(null); settle(); });
  window.addEventListener("_dashprivate_pushstate", settle);
  // How much smaller than on the screen the page is on paper: 1047 pixels lie between the margins of A4 across.
  function measure() {
    var main = document.querySelector("main");
    if (!main || window.matchMedia("print").matches) { return; }
    var style = window.getComputedStyle(main);
    var inner = main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    document.documentElement.style.setProperty("--paper", String(Math.min(1, 1047 / inner)));
  }
  window.addEventListener("resize", measure);
  window.addEventListener("beforeprint", measure);
  var had = null;
  window.addEventListener("resize", function () {
    var room = window.salientPictures.room();
    if (room !== had) { had = room; window.salientPictures.all(); }
  });
  document.addEventListener("salient:drawn", refresh);
  new MutationObserver(refresh).observe(root, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-outcome", "data-view", "data-href"]
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    salient: Object.assign({}, (window.dash_clientside || {}).salient, {
      opened: function (asked) { return Boolean(asked); }
    })
  });
})();
