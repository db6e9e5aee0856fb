/* Ledger: customers open to their lines, columns that were dragged are told to the server, forms of filters are sent. */
(function () {
  "use strict";
  var count = 0;
  var open = [];
  function tell(id, data) {
    count += 1;
    window.dash_clientside.set_props(id, { data: Object.assign({ at: Date.now() + count }, data) });
  }
  function grid(id, act) {
    var place = document.getElementById(id);
    if (!place || !window.dash_ag_grid) { return; }
    try { act(window.dash_ag_grid.getApi(id)); } catch (gone) { /* the grid is being drawn */ }
  }

  /* ---- the cell of a customer: a button that opens, the name, the number of lines, the way to the customer's page ---- */
  var renderers = window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {};
  renderers.Opener = function (props) {
    var make = window.React.createElement;
    var data = props.data;
    if (!data || data.kind === "line") { return null; }
    if (data.kind === "total") { return make("b", null, props.value); }
    var parts = [
      make("span", { key: "i", className: "icon icon-chevron", "aria-hidden": "true" }),
      make("span", { key: "n", className: "name" }, props.value),
      make("small", { key: "l" }, data.lines)
    ];
    return make("span", { className: "opener-cell" },
      make("button", { type: "button", className: "opener", tabIndex: -1, "aria-expanded": String(Boolean(data.open)), "data-opens": data.key }, parts),
      make("a", { href: data.href, className: "tool", tabIndex: -1, title: props.value, "aria-label": props.value },
        make("span", { className: "icon icon-out", "aria-hidden": "true" })));
  };
  function toggle(button) {
    var key = button.getAttribute("data-opens");
    var at = open.indexOf(key);
    if (at < 0) { open.push(key); } else { open.splice(at, 1); }
    tell("ledger-open", { keys: open.slice() });
    window.setTimeout(function () { grid("ledger", function (api) { api.refreshInfiniteCache(); }); }, 0);
  }
  document.addEventListener("click", function (event) {
    var element = event.target instanceof Element ? event.target : null;
    var button = element && element.closest("[data-opens]");
    if (button) { toggle(button); }
  });
  document.addEventListener("keydown", function (event) {
    var cell = event.target instanceof Element ? event.target.closest(".ag-cell") : null;
    if (!cell || event.target !== cell || (event.key !== "Enter" && event.key !== " ")) { return; }
    var button = cell.querySelector("[data-opens]");
    if (!button) { return; }
    event.preventDefault();
    var link = cell.querySelector("a[href]");
    if (event.shiftKey && link) { link.click(); } else { toggle(button); }
  }, true);

  /* On a phone the customers leave room for what scrolls beside them. */
  function narrow() { return window.innerWidth <= 520; }
  var functions = window.dashAgGridFunctions = window.dashAgGridFunctions || {};
  functions.salientNarrow = function (params) {
    if (narrow()) { params.api.applyColumnState({ state: [{ colId: "customer", width: 168 }] }); }
  };

  /* ---- columns: what a hand did to the grid becomes part of the view ---- */
  functions.salientLaid = function (params) {
    if (params.type === "sortChanged" && params.source !== "uiColumnSorted") { return; }
    var columns = params.api.getColumnState().filter(function (each) { return !each.hide; });
    tell("laid", {
      grid: document.getElementById("ledger") ? "ledger" : "grid",
      columns: columns.map(function (each) {
        var width = narrow() && each.colId === "customer" ? null : Math.round(each.width);
        return { colId: each.colId, width: width, pinned: each.pinned || null, sort: each.sort || null, sortIndex: each.sortIndex };
      })
    });
  };

  /* The chooser is drawn anew by every choice in it: it stays open, where it was scrolled to, with the focus kept. */
  var chosen = null;
  document.addEventListener("click", function (event) {
    var link = event.target instanceof Element ? event.target.closest(".columns-menu a[data-stay]") : null;
    if (!link) { return; }
    var menu = link.closest(".columns-menu");
    var item = link.closest("li");
    chosen = {
      label: link.getAttribute("aria-label"), top: menu.scrollTop, until: Date.now() + 30000,
      name: item ? item.querySelector(".name").textContent : "", place: menu.closest(".offcanvas") ? ".offcanvas" : "main"
    };
  });
  ["pointerdown", "keydown"].forEach(function (gesture) {
    // Whoever does something else meanwhile has left the chooser.
    document.addEventListener(gesture, function () { chosen = null; }, true);
  });
  function reopen() {
    if (!chosen) { return; }
    if (Date.now() > chosen.until) { chosen = null; return; }
    var pick = document.querySelector(chosen.place + " .columns-pick:not([open])");
    if (!pick) { return; }
    pick.setAttribute("open", "");
    var menu = pick.querySelector(".columns-menu");
    var controls = Array.prototype.slice.call(menu.querySelectorAll("a"));
    var same = controls.filter(function (each) { return each.getAttribute("aria-label") === chosen.label; });
    var item = Array.prototype.filter.call(menu.querySelectorAll("li"), function (each) {
      return each.querySelector(".name").textContent === chosen.name;
    })[0];
    var next = same[0] || (item && item.querySelector("a")) || pick.querySelector("summary");
    menu.scrollTop = chosen.top;
    next.focus({ preventScroll: true });
  }
  new MutationObserver(reopen).observe(document.documentElement, { childList: true, subtree: true });

  /* A view that changed under a standing grid has other lines; newer data come in where one has scrolled to. */
  var shown = "", stood = null;
  function refetch(of) {
    var view = of ? of.view : "", stand = of ? of.stand : null;
    if (view && shown && view !== shown) {
      window.setTimeout(function () { grid("ledger", function (api) { api.purgeInfiniteCache(); }); }, 0);
    } else if (view && stand !== stood) {
      grid("ledger", function (api) {
        api.setGridOption("pinnedBottomRowData", of.totals);
        api.refreshInfiniteCache();
      });
    }
    shown = view;
    stood = stand;
    return view;
  }

  /* What the sheet of filters shows is asked for while it stands open: when it opens, and when the view changes then. */
  var stoodOpen = false;
  function due(isOpen, at) {
    var before = stoodOpen;
    stoodOpen = Boolean(isOpen);
    return isOpen && at ? { view: at.view, stood: before, at: Date.now() } : window.dash_clientside.no_update;
  }
  /* Rows that stand open go on with the view, and with the layout that is kept. */
  function goesOn(at, kept, isOpen) {
    // Newer data change nothing: whoever reads lines is not thrown back to the first one.
    var again = at && at.again && window.dash_clientside.callback_context.triggered_id === "at";
    return isOpen && !again ? { at: Date.now() } : window.dash_clientside.no_update;
  }

  /* ---- forms of the filters' sheet ---- */
  document.addEventListener("submit", function (event) {
    var button = event.target.querySelector("[data-narrow]");
    if (!button) { return; }
    var asked = { narrow: button.getAttribute("data-narrow") };
    event.target.querySelectorAll("[name]").forEach(function (field) { asked[field.name] = field.value; });
    tell("narrow", asked);
  });
  document.addEventListener("change", function (event) {
    var field = event.target instanceof Element && event.target.matches(".condition .of") ? event.target : null;
    if (!field) { return; }
    var value = field.closest(".condition").querySelector(".value");
    value.setAttribute("list", "values-of-" + (field.selectedIndex - 1));
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.salient = Object.assign(window.dash_clientside.salient || {}, { refetch: refetch, due: due, goesOn: goesOn });
})();
