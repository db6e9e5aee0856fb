/* Marks: the points of a chart by pointer and by keyboard; the server decides what opening or filtering means. */
(function () {
  "use strict";
  var t = window.salientSay;
  var TWICE = 280;
  var waiting = null;
  var count = 0;

  function tell(data) {
    count += 1;
    window.dash_clientside.set_props("mark", { data: Object.assign({ at: Date.now() + count }, data) });
  }
  function announce(sentence) {
    var live = document.getElementById("live");
    if (live) { live.textContent = sentence; }
  }
  function habit() { return document.getElementById("main").getAttribute("data-click") || "drill"; }
  function metaOf(plot) { return (plot.layout && plot.layout.meta) || {}; }

  /* ---- what a mark means: opening goes one level down, filtering puts its member in or takes it out ---- */
  function act(plot, keys, gesture) {
    var meta = metaOf(plot);
    if (!meta.level || meta.gesture === "none" || !keys.length) { return; }
    // Where opening a mark leads is written with the picture, as long as the page still shows what it belongs to.
    if (gesture === "drill" && meta.gesture === "drill" && meta.leads && keys[0] && meta.view === document.getElementById("main").getAttribute("data-view")) {
      window.salientGo(meta.leads.replace("0KEY0", function () { return quoted(keys[0]); }));
      return;
    }
    tell({ level: meta.level, gesture: meta.gesture === "drill" ? gesture : "filter", key: keys[0], keys: keys });
  }
  function quoted(key) {
    return encodeURIComponent(key).replace(/[!'*]/g, function (sign) { return "%" + sign.charCodeAt(0).toString(16).toUpperCase(); });
  }
  function canAct(plot) { return Boolean(metaOf(plot).level) && metaOf(plot).gesture !== "none"; }
  /* Ctrl and a click choose one more; what is chosen stands out, and the keyboard goes on from there. */
  function choose(plot, key) {
    var layer = plot.closest("[data-panel]").querySelector(".mark-layer"), points = pointsOf(plot);
    if (!layer || !canAct(plot)) { return; }
    var marked = layer.salient.marked, known = marked.indexOf(key);
    if (known < 0) { marked.push(key); } else { marked.splice(known, 1); }
    layer.salient.at = points.findIndex(function (point) { return point.key === key; });
    layer.focus({ preventScroll: true });
    window.salientMarkMenu.shine();
    announce(t("{count} chosen.", { count: marked.length }) + " " + t("Enter filters by them, M opens their menu, Escape lets them go."));
  }
  function inHand() { return window.innerWidth <= 520 && window.matchMedia("(pointer: coarse)").matches; }
  var former = null;
  /* Whoever opens at a click need not wait; whoever filters waits for a second click, which opens. */
  function click(plot, key, event) {
    if (event && event.button === 2) { return; }
    if (event && (event.ctrlKey || event.metaKey)) { choose(plot, key); return; }
    if (event && event.shiftKey) { act(plot, [key], "filter"); return; }
    if (canAct(plot) && inHand()) { window.salientMarkMenu.open(plot, window.salientMarkMenu.chosen(plot, key), 0, window.innerHeight); return; }
    if (canAct(plot) && habit() === "highlight") {
      var again = former && former.key === key && Date.now() - former.at < 2 * TWICE;
      former = { key: key, at: Date.now() };
      if (again) { act(plot, [key], "drill"); } else { window.salientMarkMenu.highlight(plot, pointsOf(plot).filter(function (point) { return point.key === key; })); }
      return;
    }
    if (habit() !== "filter" || metaOf(plot).gesture !== "drill") { act(plot, [key], "drill"); return; }
    if (waiting && waiting.key === key) {
      window.clearTimeout(waiting.timer);
      waiting = null;
      act(plot, [key], "drill");
      return;
    }
    if (waiting) { window.clearTimeout(waiting.timer); }
    waiting = { key: key, timer: window.setTimeout(function () { waiting = null; act(plot, [key], "filter"); }, TWICE) };
  }
  function listen(plot) {
    if (plot.salientListens || !plot.on) { return; }
    plot.salientListens = true;
    plot.on("plotly_click", function (event) {
      var data = event.points && event.points[0] && event.points[0].customdata;
      var key = Array.isArray(data) ? data[0] : data;
      if (typeof key === "string") { click(plot, key, event.event); }
    });
    plot.on("plotly_hover", function (event) {
      var data = event.points && event.points[0] && event.points[0].customdata, key = Array.isArray(data) ? data[0] : data;
      plot.salientHovered = typeof key === "string" ? key : null;
    });
    plot.on("plotly_unhover", function () { plot.salientHovered = null; });
  }

  /* ---- the points of a figure: each member once, in the order drawn, with the words of its hover text ---- */
  function plain(text) {
    var made = document.createElement("div");
    made.innerHTML = String(text || "").replace(/<br\s*\/?>/g, ", ");
    return made.textContent;
  }
  /* Its words are made out when somebody comes to it: reading them costs as much as drawing some. */
  function Point(key) { this.key = key; }
  Object.defineProperty(Point.prototype, "text", { get: function () { return plain(this.hover) || this.key; } });
  var counted = new WeakMap();
  function pointsOf(plot) {
    if (plot.data && !counted.has(plot.data)) { counted.set(plot.data, pointsIn(plot)); }
    return plot.data ? counted.get(plot.data) : [];
  }
  function pointsIn(plot) {
    var found = {}, order = [];
    (plot.data || []).forEach(function (trace) {
      (function down(custom, hover, index) {
        if (Array.isArray(custom)) {
          custom.forEach(function (each, at) { down(each, Array.isArray(hover) ? hover[at] : hover, index.concat(at)); });
        } else if (typeof custom === "string") {
          if (!found[custom]) { found[custom] = new Point(custom); order.push(found[custom]); }
          if (!found[custom].trace || found[custom].trace !== trace) { found[custom].hover = hover; found[custom].index = index; }
          found[custom].trace = trace;
        }
      })(trace.customdata, trace.hovertext, []);
    });
    return order;
  }
  function placeOf(plot, point) {
    var full = plot._fullLayout, trace = point.trace, at = point.index;
    var across = full && full[(trace.xaxis || "x").replace("x", "xaxis")], up = full && full[(trace.yaxis || "y").replace("y", "yaxis")];
    if (!across || !up || !trace.x || !trace.y) { return null; }
    var x = trace.x[at.length > 1 ? at[1] : at[0]], y = trace.y[at[0]];
    var base = Array.isArray(trace.base) ? trace.base[at[0]] : trace.base || 0;
    if (trace.type === "bar") { if (trace.orientation === "h") { x = x + base; } else { y = y + base; } }
    var left = across._offset + across.d2p(x), top = up._offset + up.d2p(y);
    return isFinite(left) && isFinite(top) ? { left: left, top: top } : null;
  }

  /* The member whose mark is nearest to a place on the screen; of bars, the one in whose row or column it lies. */
  function nearest(plot, left, top) {
    var box = plot.getBoundingClientRect(), best = null;
    pointsOf(plot).forEach(function (point) {
      var place = placeOf(plot, point);
      if (!place) { return; }
      var across = Math.abs(box.left + place.left - left), down = Math.abs(box.top + place.top - top);
      var isBar = point.trace.type === "bar", away = isBar ? (point.trace.orientation === "h" ? down : across) : Math.hypot(across, down);
      if (away < (best ? best.away : isBar ? 16 : 32)) { best = { key: point.key, away: away }; }
    });
    return best && best.key;
  }

  /* ---- the layer that takes the keyboard ---- */
  function layerOf(panel, plot) {
    var stage = panel.querySelector(".stage"), layer = stage.querySelector(".mark-layer");
    var points = metaOf(plot).level && metaOf(plot).gesture !== "none" ? pointsOf(plot) : [];
    if (!points.length) { if (layer) { layer.hidden = true; } return; }
    if (!layer) {
      layer = document.createElement("div");
      layer.className = "mark-layer";
      layer.tabIndex = 0;
      layer.setAttribute("role", "application");
      layer.innerHTML = "<i></i>";
      layer.salient = { at: -1, marked: [] };
      stage.append(layer);
    }
    layer.hidden = false;
    var heading = panel.querySelector("h2");
    var name = t("{title}: a chart of {count} points. Arrow keys move, Enter opens, Space filters, M opens the menu.", { title: heading ? heading.textContent : "", count: points.length });
    if (layer.getAttribute("aria-label") !== name) { layer.setAttribute("aria-label", name); }
    if (layer.salient.view !== metaOf(plot).view) { layer.salient = { at: -1, marked: [], view: metaOf(plot).view }; ring(layer, plot, points); }
  }
  function ring(layer, plot, points) {
    var dot = layer.firstElementChild, point = points[layer.salient.at];
    var place = point && placeOf(plot, point);
    dot.style.display = place ? "block" : "none";
    if (place) { dot.style.left = place.left + "px"; dot.style.top = place.top + "px"; }
  }
  function toldOf(layer, points) {
    var state = layer.salient, point = points[state.at];
    var told = t("{point}. {at} of {count}.", { point: point.text, at: state.at + 1, count: points.length });
    return state.marked.length > 1 ? told + " " + t("{count} chosen.", { count: state.marked.length }) : told;
  }
  function move(layer, plot, points, to, extends_) {
    var state = layer.salient, from = Math.max(state.at, 0);
    state.at = Math.min(Math.max(to, 0), points.length - 1);
    if (extends_) {
      if (!state.marked.length) { state.marked = [points[from].key]; }
      var key = points[state.at].key, known = state.marked.indexOf(key);
      if (known < 0) { state.marked.push(key); } else if (known < state.marked.length - 1) { state.marked.length = known + 1; }
    } else { state.marked = []; }
    ring(layer, plot, points);
    window.salientMarkMenu.shine();
    announce(toldOf(layer, points));
  }
  var STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  document.addEventListener("keydown", function (event) {
    var layer = event.target instanceof Element && event.target.matches(".mark-layer") ? event.target : null;
    if (!layer || event.altKey || event.ctrlKey || event.metaKey) { return; }
    var plot = layer.parentElement.querySelector(".js-plotly-plot"), points = plot ? pointsOf(plot) : [];
    if (!points.length) { return; }
    var state = layer.salient, now = points[state.at];
    if (STEPS[event.key]) { move(layer, plot, points, state.at < 0 ? 0 : state.at + STEPS[event.key], event.shiftKey); }
    else if (event.key === "Home") { move(layer, plot, points, 0, false); }
    else if (event.key === "End") { move(layer, plot, points, points.length - 1, false); }
    else if (event.key === "Escape" && state.marked.length) { state.marked = []; window.salientMarkMenu.shine(); announce(t("Nothing is chosen.")); }
    else if (event.key === "Enter" && state.marked.length > 1) { act(plot, state.marked, "filter"); }
    else if (event.key === "Enter" && now) { act(plot, [now.key], "drill"); }
    else if (event.key === " " && now) { act(plot, state.marked.length ? state.marked : [now.key], "filter"); }
    else { return; }
    event.preventDefault();
  });
  document.addEventListener("focusout", function (event) {
    if (event.target instanceof Element && event.target.matches(".mark-layer")) { event.target.firstElementChild.style.display = "none"; }
  });
  document.addEventListener("focusin", function (event) {
    if (event.target instanceof Element && event.target.matches(".mark-layer")) {
      var plot = event.target.parentElement.querySelector(".js-plotly-plot");
      if (plot) { ring(event.target, plot, pointsOf(plot)); }
    }
  });

  /* ---- keys of a panel: they act only while the focus is on the page's content, so that speech does not set them off ---- */
  function inPanel(panel, name) {
    var button = panel && panel.querySelector('[data-tool="' + name + '"]');
    if (button) { button.click(); }
    return Boolean(button);
  }
  function up() {
    var links = document.querySelectorAll(".crumbs ol a");
    if (links.length) { links[links.length - 1].click(); }
    return links.length > 0;
  }
  function compare() {
    var menu = document.querySelector('details[data-menu="compare"]');
    if (!menu) { return false; }
    menu.open = true;
    var first = menu.querySelector(".menu a");
    if (first) { first.focus(); }
    return true;
  }
  document.addEventListener("keydown", function (event) {
    var at = document.activeElement, typing = at && (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.isContentEditable);
    if (typing || event.ctrlKey || event.metaKey || event.defaultPrevented || document.querySelector(".offcanvas.show, .modal.show")) { return; }
    var main = document.getElementById("main"), content = main && main.contains(at), panel = at && at.closest("[data-panel]");
    var alone = main && main.querySelectorAll("[data-panel]").length === 1 ? main.querySelector("[data-panel]") : null;
    var done = false;
    if ((event.key === "Backspace" && !event.altKey) || (event.key === "ArrowUp" && event.altKey)) { done = up(); }
    else if (event.altKey || !content) { return; }
    else if (event.key.toLowerCase() === "r") { done = inPanel(panel || alone, "rows"); }
    else if (event.key === "?") { done = inPanel(panel || alone, "explain"); }
    else if (event.key.toLowerCase() === "c") { done = compare(); }
    if (done) { event.preventDefault(); }
  });

  /* ---- focus outlives a redraw: what had it is found again by its place, its kind and its name ---- */
  var last = null;
  function nameOf(element) { return element.getAttribute("aria-label") || element.textContent.trim(); }
  document.addEventListener("focusin", function (event) {
    var element = event.target, around = element.parentElement && element.parentElement.closest("[id]");
    if (!around || !(element instanceof Element)) { return; }
    var alike = Array.prototype.slice.call(around.querySelectorAll(element.tagName));
    last = { element: element, within: around.id, tag: element.tagName, name: nameOf(element), at: alike.indexOf(element), tool: element.getAttribute("data-tool") };
  });
  function lost() { return document.activeElement === document.body || document.activeElement === null; }
  function found() {
    var around = document.getElementById(last.within);
    var alike = around ? Array.prototype.slice.call(around.querySelectorAll(last.tag)).filter(function (each) { return each.offsetParent; }) : [];
    return (last.tool && alike.find(function (each) { return each.getAttribute("data-tool") === last.tool; })) ||
      alike.find(function (each) { return nameOf(each) === last.name; }) || alike[Math.min(last.at, alike.length - 1)];
  }
  function recover() {
    if (!last || !lost()) { return; }
    var gone = !last.element.isConnected || !last.element.offsetParent;
    if (!gone) { return; }
    var panel = last.element.matches(".mark-layer") && last.element.closest("[data-panel]");
    var next = panel ? panel.querySelector(".twin a, .tool") : found();
    if (next) { next.focus({ preventScroll: true }); }
  }

  window.salientMarkParts = { pointsOf: pointsOf, metaOf: metaOf, nearest: nearest, canAct: canAct, tell: tell };

  var due = null;
  function settle() {
    due = null;
    document.querySelectorAll("[data-panel] .js-plotly-plot").forEach(function (plot) {
      if (!plot.layout || !plot.querySelector(".main-svg")) { return; }
      listen(plot);
      layerOf(plot.closest("[data-panel]"), plot);
    });
    window.salientMarkMenu.shine();
    recover();
  }
  new MutationObserver(function () {
    if (due === null) { due = window.setTimeout(settle, 40); }
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state", "data-ready"] });
})();
