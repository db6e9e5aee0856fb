/* Tree tables: rows that open and close, sort and take the keyboard as the treegrid pattern wants. The server says what they hold. */
(function () {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  var known = {};

  function stateOf(id) {
    var name = id.dashboard + "/" + id.panel;
    known[name] = known[name] || { id: id, open: {}, kids: {}, sort: null, waiting: 0 };
    return known[name];
  }
  function nameOf(path) { return JSON.stringify(path); }
  function placeOf(id) { return document.getElementById(JSON.stringify(id, Object.keys(id).sort())); }
  function element(tag, attributes, children) {
    var made = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) {
      if (attributes[name] !== null && attributes[name] !== undefined) { made.setAttribute(name, attributes[name]); }
    });
    (children || []).forEach(function (child) {
      made.append(child);
    });
    return made;
  }
  function filled(words, values) {
    return words.replace(/\{(\w+)\}/g, function (whole, name) { return name in values ? values[name] : whole; });
  }

  /* ---- what is asked for: one request at a time, for all rows that were opened meanwhile ---- */
  function ask(state) {
    /* What was refused is never answered: after a while it holds up nothing else. */
    if (Date.now() - state.waiting < 10000 || !state.drawn) { return; }
    var paths = Object.keys(state.open).filter(function (name) { return !state.kids[name] && visible(state, JSON.parse(name)); });
    if (!paths.length) { return; }
    state.waiting = Date.now();
    var store = { dashboard: state.id.dashboard, panel: state.id.panel, type: "branches-asked" };
    window.dash_clientside.set_props(store, { data: { at: Date.now(), paths: paths.map(function (name) { return JSON.parse(name); }) } });
  }
  /* Only what stands under open rows is asked for: what is remembered may have gone with the former view. */
  function visible(state, path) {
    var rows = path.length === 1 ? state.drawn.rows : state.kids[nameOf(path.slice(0, -1))];
    return Boolean(rows) && rows.some(function (row) { return row.opens && nameOf(row.path) === nameOf(path); });
  }

  /* ---- drawing ---- */
  function sorted(state, rows) {
    if (!state.sort) { return rows; }
    var at = state.drawn.columns.findIndex(function (column) { return column.id === state.sort.id; });
    var way = state.sort.down ? -1 : 1;
    return rows.slice().sort(function (one, other) {
      if (at === 0) { return way * one.name.localeCompare(other.name, root.lang || undefined); }
      var a = one.cells[at - 2].value, b = other.cells[at - 2].value;
      if (a === null || b === null) { return (a === null) - (b === null); }
      return way * (a - b);
    });
  }
  var root = document.documentElement;
  function listed(state) {
    var found = [];
    (function down(rows, depth) {
      sorted(state, rows).forEach(function (row, at, all) {
        found.push({ row: row, depth: depth, at: at + 1, of: all.length });
        var name = nameOf(row.path);
        if (row.opens && state.open[name] && state.kids[name]) { down(state.kids[name], depth + 1); }
      });
    })(state.drawn.rows, 1);
    return found;
  }
  function spark(points) {
    var svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 96 24");
    svg.setAttribute("aria-hidden", "true");
    if (points.length < 2) { return svg; }
    var low = Math.min.apply(null, points), high = Math.max(Math.max.apply(null, points), low + 0.05);
    var places = points.map(function (value, at) {
      return [2 + 90 * at / (points.length - 1), 21 - 18 * (value - low) / (high - low)];
    });
    var line = document.createElementNS(SVG, "polyline");
    line.setAttribute("points", places.map(function (place) { return place[0].toFixed(1) + "," + place[1].toFixed(1); }).join(" "));
    var dot = document.createElementNS(SVG, "circle"), last = places[places.length - 1];
    dot.setAttribute("cx", last[0].toFixed(1)); dot.setAttribute("cy", last[1].toFixed(1)); dot.setAttribute("r", "2.2");
    svg.append(line, dot);
    return svg;
  }
  function heading(state, column) {
    if (column.kind === "trend") { return element("th", { scope: "col", class: "c-trend" }, [column.title]); }
    var chosen = state.sort && state.sort.id === column.id;
    var button = element("button", { type: "button", "data-sort": column.id, title: filled(state.drawn.words.sort, { name: column.title }) }, [column.title]);
    var order = chosen ? (state.sort.down ? "descending" : "ascending") : "none";
    return element("th", { scope: "col", class: "c-" + column.kind + " c-" + column.id.replace(/[^a-z_]/g, "-"), "aria-sort": order }, [button]);
  }
  function cells(state, row) {
    return row.cells.map(function (cell, at) {
      var column = state.drawn.columns[at + 2];
      return element("td", { class: "c-" + column.id.replace(/[^a-z_]/g, "-") + (cell.tone === "none" ? "" : " " + cell.tone) }, [cell.text]);
    });
  }
  function line(state, each) {
    var row = each.row, name = nameOf(row.path), open = Boolean(row.opens && state.open[name]);
    var words = state.drawn.words;
    var label = row.href ? element("a", { href: row.href, tabindex: "-1" }, [row.name]) : element("span", {}, [row.name]);
    var opener = row.opens
      ? element("button", { type: "button", tabindex: "-1", class: "opener", "data-open": "", "aria-label": filled(open ? words.close : words.open, { name: row.name }) })
      : element("span", { class: "opener" });
    var head = element("th", { scope: "row", style: "--depth:" + each.depth }, [element("div", {}, [opener, label])]);
    return element("tr", {
      "data-path": name, tabindex: "-1", "aria-level": each.depth, "aria-posinset": each.at, "aria-setsize": each.of,
      "aria-expanded": row.opens ? String(open) : null, "aria-busy": open && !state.kids[name] ? "true" : null
    }, [head, element("td", { class: "c-trend" }, [spark(row.spark)])].concat(cells(state, row)));
  }
  function draw(state) {
    var place = placeOf(state.id);
    if (!place || !state.drawn) { return; }
    var focus = focused(place);
    var scrolled = place.firstChild ? place.firstChild.scrollTop : 0;
    var head = element("thead", {}, [element("tr", {}, state.drawn.columns.map(function (column) { return heading(state, column); }))]);
    var body = element("tbody", {}, listed(state).map(function (each) { return line(state, each); }));
    var foot = element("tfoot", {}, state.drawn.total.map(function (row) {
      return element("tr", { "aria-level": "1" }, [element("th", { scope: "row" }, [row.name]), element("td", { class: "c-trend" })].concat(cells(state, row)));
    }));
    var table = element("table", { role: "treegrid", "aria-label": state.drawn.words.name }, [head, body, foot]);
    place.replaceChildren(element("div", { class: "tree-scroll" }, [table]));
    place.firstChild.scrollTop = scrolled;
    place.setAttribute("data-view", state.view);
    refocus(place, state, focus);
  }

  /* ---- focus: one row takes the tab key, and keeps its place when rows come, go or change order ---- */
  function focused(place) {
    var active = document.activeElement;
    if (!place.contains(active)) { return null; }
    return { sort: active.getAttribute("data-sort"), path: active.closest("tr[data-path]") && active.closest("tr[data-path]").getAttribute("data-path") };
  }
  function refocus(place, state, focus) {
    var rows = Array.from(place.querySelectorAll("tr[data-path]"));
    var stop = rows.find(function (row) { return row.getAttribute("data-path") === state.stop; }) || rows[0];
    if (stop) { stop.tabIndex = 0; }
    if (focus && focus.sort) {
      var button = place.querySelector('[data-sort="' + window.CSS.escape(focus.sort) + '"]');
      if (button) { button.focus(); }
    } else if (focus && focus.path && stop) {
      stop.focus({ preventScroll: true });
    }
  }
  function stepTo(row) {
    if (!row) { return; }
    var place = row.closest(".tree"), state = stateOf(JSON.parse(place.id));
    place.querySelectorAll("tr[data-path][tabindex='0']").forEach(function (each) { each.tabIndex = -1; });
    row.tabIndex = 0;
    state.stop = row.getAttribute("data-path");
    row.focus();
  }
  function toggle(row, open) {
    var state = stateOf(JSON.parse(row.closest(".tree").id)), name = row.getAttribute("data-path");
    if (open) { state.open[name] = true; } else { delete state.open[name]; }
    state.stop = name;
    state.telling = open ? name : null;
    draw(state);
    tell(state);
    ask(state);
  }
  function tell(state) {
    var name = state.telling;
    if (!name || !state.kids[name]) { return; }
    state.telling = null;
    var live = document.getElementById("live"), row = listed(state).find(function (each) { return nameOf(each.row.path) === name; });
    if (live && row) { live.textContent = filled(state.drawn.words.opened, { count: state.kids[name].length, name: row.row.name }); }
  }
  function parentOf(row) {
    var level = Number(row.getAttribute("aria-level"));
    for (var before = row.previousElementSibling; before; before = before.previousElementSibling) {
      if (Number(before.getAttribute("aria-level")) < level) { return before; }
    }
    return null;
  }

  document.addEventListener("keydown", function (event) {
    var row = event.target instanceof Element ? event.target.closest(".tree tr[data-path]") : null;
    if (!row || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    var expanded = row.getAttribute("aria-expanded"), all = row.parentElement.children, link = row.querySelector("a");
    switch (event.key) {
      case "ArrowDown": stepTo(row.nextElementSibling); break;
      case "ArrowUp": stepTo(row.previousElementSibling); break;
      case "Home": stepTo(all[0]); break;
      case "End": stepTo(all[all.length - 1]); break;
      case "ArrowRight":
        if (expanded === "false") { toggle(row, true); } else if (expanded === "true") { stepTo(row.nextElementSibling); }
        break;
      case "ArrowLeft":
        if (expanded === "true") { toggle(row, false); } else { stepTo(parentOf(row)); }
        break;
      case " ": if (expanded) { toggle(row, expanded === "false"); } break;
      case "Enter": if (link) { link.click(); } break;
      default: return;
    }
    event.preventDefault();
  });
  document.addEventListener("click", function (event) {
    var target = event.target instanceof Element ? event.target : null;
    var opener = target && target.closest(".tree [data-open]");
    if (opener) {
      var row = opener.closest("tr");
      toggle(row, row.getAttribute("aria-expanded") === "false");
      return;
    }
    var button = target && target.closest(".tree [data-sort]");
    if (!button) { return; }
    var state = stateOf(JSON.parse(button.closest(".tree").id)), id = button.getAttribute("data-sort");
    var same = state.sort && state.sort.id === id;
    state.sort = { id: id, down: same ? !state.sort.down : id !== state.drawn.columns[0].id };
    draw(state);
  });

  /* Called with a panel's rows, and again with what was asked for under its open rows. */
  function grow(figure, found, id) {
    var state = stateOf(id);
    if (!figure || !figure.tree) { return "tree"; }
    var view = figure.layout.meta.view;
    if (state.view !== view || state.drawn !== figure.tree) {
      state.view = view;
      state.drawn = figure.tree;
      state.kids = {};
      state.waiting = 0;
    }
    if (found && found.view === view && found !== state.taken) {
      state.taken = found;
      state.waiting = 0;
      found.branches.forEach(function (branch) { state.kids[nameOf(branch.path)] = branch.rows; });
    }
    draw(state);
    tell(state);
    ask(state);
    return "tree";
  }
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.salient = Object.assign(window.dash_clientside.salient || {}, { grow: grow });
})();
