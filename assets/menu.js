/* The menu of a mark: by right click, long press or menu key, what can be done with one member or with several; highlights. */
(function () {
  "use strict";
  var t = window.salientSay;
  var marks = window.salientMarkParts;
  var LONG = 550;
  var TIMES = /^(fiscal_)?(year|quarter|month|week|day)$/;
  var menu = null, before = null, stood = 0, reopened = "";

  function announce(sentence) {
    var live = document.getElementById("live");
    if (live) { live.textContent = sentence; }
  }
  function panelOf(plot) { return plot.closest("[data-panel]"); }
  function nameOf(point) { return point.text.split(", ")[0]; }

  /* ---- highlight: marks of the same members stand out on the whole page, the others fade; nothing is asked ---- */
  var lit = null;
  function emphasise(plot, keys) {
    if (!window.Plotly || !plot.data) { return; }
    var sign = keys ? keys.join("\n") + (plot.layout.meta || {}).view : "";
    if ((plot.salientLit || "") === sign) { return; }
    plot.salientLit = sign;
    plot.data.forEach(function (trace, at) {
      var custom = trace.customdata;
      if (!Array.isArray(custom) || typeof custom[0] !== "string") { return; }
      var chosen = custom.reduce(function (found, key, index) { return keys && keys.indexOf(key) >= 0 ? found.concat(index) : found; }, []);
      window.Plotly.restyle(plot, { selectedpoints: [keys ? chosen : null] }, [at]);
    });
  }
  function each(visit) { document.querySelectorAll("[data-panel] .js-plotly-plot").forEach(function (plot) { if (plot.layout) { visit(plot); } }); }
  function shine() {
    var main = document.getElementById("main"), place = main && main.getAttribute("data-dashboard");
    if (lit && lit.place !== place) { lit = null; }
    reopen();
    each(function (plot) {
      var meta = plot.layout.meta || {}, layer = panelOf(plot).querySelector(".mark-layer");
      var chosen = layer && layer.salient && layer.salient.marked.length ? layer.salient.marked : null;
      emphasise(plot, chosen || (lit && meta.level === lit.level ? lit.keys : null));
    });
    pill();
  }
  function pill() {
    var bar = document.querySelector(".under-bar"), shown = document.getElementById("lit");
    if (!bar || !lit) { if (shown) { shown.remove(); } return; }
    if (!shown) {
      shown = document.createElement("button");
      shown.id = "lit";
      shown.type = "button";
      shown.addEventListener("click", dim);
      bar.append(shown);
    }
    var told = t("Highlighted: {names}", { names: lit.names });
    if (shown.textContent !== told) { shown.textContent = told; shown.setAttribute("aria-label", told + ". " + t("Remove the highlight")); }
  }
  function highlight(plot, points) {
    var keys = points.map(function (point) { return point.key; });
    var same = lit && lit.keys.join("\n") === keys.join("\n");
    if (same) { dim(); return; }
    lit = { level: marks.metaOf(plot).level, keys: keys, names: points.map(nameOf).join(", "), place: document.getElementById("main").getAttribute("data-dashboard") };
    shine();
    announce(t("Highlighted: {names}", { names: lit.names }) + ". " + t("Escape removes the highlight."));
  }
  function dim() {
    if (!lit) { return; }
    lit = null;
    shine();
    announce(t("The highlight is removed."));
  }

  /* An address that ends in a mark comes from what was said about it: the mark stands out once it is drawn. */
  function reopen() {
    var asked = /^#mark=([a-z0-9_]+):(.+)$/.exec(window.location.hash);
    if (!asked || asked[0] === reopened) { return; }
    each(function (plot) {
      var key = plainly(asked[2]), found = (plot.layout.meta || {}).level === asked[1] && marks.pointsOf(plot).filter(function (point) { return point.key === key; });
      if (!found || !found.length || asked[0] === reopened) { return; }
      reopened = asked[0];
      lit = null;
      highlight(plot, found);
    });
  }
  function plainly(text) { try { return decodeURIComponent(text); } catch (error) { return text; } }
  /* Where something is said about one mark of a panel. */
  function saying(meta, panel, key) {
    var at = meta.view.split("?"), view = at[0].split("/").slice(0, 3).concat(panel).join("/") + (at[1] ? "?" + at[1] : "");
    return "/comments?view=" + encodeURIComponent(view) + "&at=" + encodeURIComponent(meta.level + ":" + key);
  }

  /* Members are compared side by side: the first stands out until the menu of another puts it beside that one. */
  function beside(plot, point, level) {
    if (lit && lit.level === level && lit.keys.indexOf(point.key) < 0) {
      var first = lit;
      return [t("Compare with {names}", { names: first.names }), function () {
        dim();
        marks.tell({ level: level, gesture: "only", key: first.keys[0], keys: first.keys.concat(point.key) });
      }];
    }
    return [t("Compare with another"), function () {
      if (!lit || lit.level !== level || lit.keys.indexOf(point.key) < 0) { highlight(plot, [point]); }
      announce(t("Now choose the other one: its menu compares it with {name}.", { name: nameOf(point) }));
    }];
  }

  /* ---- the menu ---- */
  function entries(plot, points) {
    var meta = marks.metaOf(plot), many = points.length > 1, keys = points.map(function (point) { return point.key; });
    var name = nameOf(points[0]), panel = panelOf(plot).getAttribute("data-panel");
    function gesture(kind) { return function () { marks.tell({ level: meta.level, gesture: kind, key: keys[0], keys: keys }); }; }
    function ask(store) { return function () { window.dash_clientside.set_props(store, { data: { at: Date.now(), panel: panel, level: meta.level, keys: keys } }); }; }
    var list = [], can = document.documentElement.getAttribute("data-embed"), filters = can === null || can.split(" ").indexOf("filter") >= 0;
    if (meta.gesture === "drill" && !many) { list.push([t("Drill into {name}", { name: name }), gesture("drill")]); }
    if (filters) {
      list.push([many ? t("Filter to these {count}", { count: points.length }) : t("Filter to this"), gesture("only")]);
      list.push([many ? t("Exclude these {count}", { count: points.length }) : t("Exclude this"), gesture("exclude")]);
      if (!many) { list.push(TIMES.test(meta.level) ? [t("Compare with this"), gesture("versus")] : beside(plot, points[0], meta.level)); }
    }
    list.push([many ? t("Highlight these {count}", { count: points.length }) : t("Highlight this"), function () { highlight(plot, points); }]);
    if (panelOf(plot).querySelector("[data-tool=rows]")) { list.push([many ? t("Rows behind these {count}", { count: points.length }) : t("Rows behind this"), ask("rows-asked")]); }
    if (can === null) { list.push([t("How it is computed"), ask("explain-asked")]); }
    if (can === null && !many && !window.salientScreen && meta.view) { list.push([t("Comment on {name}", { name: name }), function () { window.location.assign(saying(meta, panel, keys[0])); }]); }
    return list;
  }
  function close(back) {
    if (!menu) { return; }
    menu.remove();
    menu = null;
    if (back && before && before.isConnected) { before.focus({ preventScroll: true }); }
  }
  function open(plot, points, left, top) {
    close(false);
    if (!points.length || !marks.canAct(plot)) { return; }
    before = panelOf(plot).querySelector(".mark-layer") || document.activeElement;
    menu = document.createElement("div");
    menu.className = "mark-menu";
    menu.setAttribute("role", "menu");
    var told = points.length > 1 ? t("{count} chosen.", { count: points.length }) : points[0].text;
    menu.setAttribute("aria-label", told);
    var head = document.createElement("p");
    head.textContent = told;
    head.setAttribute("role", "presentation");
    menu.append(head);
    entries(plot, points).forEach(function (entry) {
      var button = document.createElement("button");
      button.type = "button";
      button.tabIndex = -1;
      button.setAttribute("role", "menuitem");
      button.textContent = entry[0];
      button.addEventListener("click", function () { close(true); forget(plot); entry[1](); });
      menu.append(button);
    });
    document.body.append(menu);
    stood = window.scrollY;
    var box = menu.getBoundingClientRect();
    menu.style.left = Math.max(8, Math.min(left, window.innerWidth - box.width - 8)) + "px";
    menu.style.top = Math.max(8, Math.min(top, window.innerHeight - box.height - 8)) + "px";
    menu.querySelector("button").focus({ preventScroll: true });
  }
  function forget(plot) {
    /* A picture that was drawn anew while its menu stood open is gone, and what was chosen in it, too. */
    var panel = panelOf(plot), layer = panel && panel.querySelector(".mark-layer");
    if (layer && layer.salient) { layer.salient.marked = []; }
    shine();
  }
  document.addEventListener("keydown", function (event) {
    if (!menu) {
      if (event.key === "Escape" && lit && !document.querySelector(".offcanvas.show, .modal.show, details.pick[open]")) { dim(); }
      return;
    }
    var all = Array.prototype.slice.call(menu.querySelectorAll("button")), at = all.indexOf(document.activeElement);
    var to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) { all[(to + all.length) % all.length].focus(); event.preventDefault(); event.stopPropagation(); }
    if (event.key === "Escape" || event.key === "Tab") { close(true); event.preventDefault(); event.stopPropagation(); }
  }, true);
  document.addEventListener("pointerdown", function (event) { if (menu && !menu.contains(event.target)) { close(false); } }, true);
  /* Whoever scrolls on has left it; what the page itself moves by a little, to show the focus, has not. */
  window.addEventListener("scroll", function () { if (menu && Math.abs(window.scrollY - stood) > 60) { close(false); } });
  window.addEventListener("popstate", function () { close(false); });

  /* ---- ways to it ---- */
  function chosen(plot, key) {
    var layer = panelOf(plot).querySelector(".mark-layer"), points = marks.pointsOf(plot);
    var several = layer && layer.salient && layer.salient.marked.length > 1 ? layer.salient.marked : [];
    var keys = several.length && (!key || several.indexOf(key) >= 0) ? several : [key];
    return points.filter(function (point) { return keys.indexOf(point.key) >= 0; });
  }
  function at(event) {
    var plot = event.target instanceof Element && event.target.closest(".js-plotly-plot");
    if (!plot || !plot.layout || !marks.canAct(plot)) { return null; }
    var key = plot.salientHovered || marks.nearest(plot, event.clientX, event.clientY);
    return key ? { plot: plot, key: key } : null;
  }
  document.addEventListener("contextmenu", function (event) {
    var found = at(event);
    if (!found) { return; }
    event.preventDefault();
    open(found.plot, chosen(found.plot, found.key), event.clientX, event.clientY);
  });
  var pressing = null;
  function release() { if (pressing) { window.clearTimeout(pressing); pressing = null; } }
  document.addEventListener("touchstart", function (event) {
    release();
    var touch = event.touches.length === 1 && event.touches[0], found = touch && at({ target: event.target, clientX: touch.clientX, clientY: touch.clientY });
    if (found) { pressing = window.setTimeout(function () { pressing = null; open(found.plot, chosen(found.plot, found.key), touch.clientX, touch.clientY); }, LONG); }
  }, { passive: true });
  ["touchend", "touchmove", "touchcancel"].forEach(function (name) { document.addEventListener(name, release, { passive: true }); });
  document.addEventListener("keydown", function (event) {
    var layer = event.target instanceof Element && event.target.matches(".mark-layer") ? event.target : null;
    var asks = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey) || (event.key.toLowerCase() === "m" && !event.ctrlKey && !event.metaKey && !event.altKey);
    if (!layer || !asks) { return; }
    event.preventDefault();
    var plot = layer.parentElement.querySelector(".js-plotly-plot"), points = marks.pointsOf(plot), now = points[layer.salient.at];
    var several = layer.salient.marked.length > 1;
    if (!now && !several) { announce(t("Choose a point with the arrow keys first.")); return; }
    var dot = layer.firstElementChild.getBoundingClientRect();
    open(plot, chosen(plot, several ? null : now.key), dot.right, dot.bottom);
  });

  window.salientMarkMenu = { open: open, highlight: highlight, shine: shine, chosen: chosen };
})();
