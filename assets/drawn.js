/* Drawn: what stands to be read, written as it is, and pictures, drawn one by one with room for a gesture between two. */
(function () {
  "use strict";
  var root = document.documentElement;
  var NARROW = 520, SMALLEST = 360, SHRUNK = 0.8, SLICE = 24, KEPT = 3;
  var QUIET = {
    displayModeBar: false, displaylogo: false, showSendToCloud: false, responsive: false, scrollZoom: false,
    doubleClick: false, showAxisDragHandles: false, topojsonURL: "/assets/vendor/topojson/"
  };

  /* ---- plain: components of HTML, without a place in Dash's store ---- */
  function written(part) {
    if (part === null || part === undefined || typeof part === "boolean") { return null; }
    if (typeof part !== "object") { return part; }
    var make = window.React.createElement;
    if (Array.isArray(part)) { return make.apply(null, [window.React.Fragment, null].concat(part.map(written))); }
    var attributes = Object.assign({}, part.props), inside = attributes.children;
    delete attributes.children;
    var made = [part.type.toLowerCase(), attributes];
    return make.apply(null, made.concat(Array.isArray(inside) ? inside.map(written) : [written(inside)].filter(isThere)));
  }
  function isThere(part) { return part !== null; }
  function Plain(props) { return written(props.content); }

  /* ---- colours: "token:name" means the custom property --name, "token:name/0.2" the same at a fifth of its strength ---- */
  var known = { theme: null, tokens: {} };
  function token(name) {
    var theme = root.getAttribute("data-bs-theme");
    if (known.theme !== theme) { known = { theme: theme, tokens: {}, style: window.getComputedStyle(root) }; }
    if (!(name in known.tokens)) { known.tokens[name] = known.style.getPropertyValue("--" + name).trim(); }
    return known.tokens[name];
  }
  function colour(text) {
    var parts = text.slice(6).split("/");
    var value = token(parts[0]);
    if (parts.length === 1 || value.charAt(0) !== "#") { return value; }
    var hex = value.length === 4 ? value.replace(/[0-9a-f]/gi, "$&$&") : value;
    var channels = [1, 3, 5].map(function (at) { return parseInt(hex.slice(at, at + 2), 16); });
    return "rgba(" + channels.join(",") + "," + parts[1] + ")";
  }
  function resolved(value) {
    if (typeof value === "string") { return value.indexOf("token:") === 0 ? colour(value) : value; }
    if (Array.isArray(value)) { return value.map(resolved); }
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (key) { copy[key] = resolved(value[key]); });
      return copy;
    }
    return value;
  }
  function merged(base, extra) {
    var copy = Object.assign({}, base);
    Object.keys(extra || {}).forEach(function (key) {
      var both = copy[key] && extra[key] && typeof copy[key] === "object" && typeof extra[key] === "object";
      copy[key] = both && !Array.isArray(extra[key]) ? merged(copy[key], extra[key]) : extra[key];
    });
    return copy;
  }
  /* On the smallest screens, or a page enlarged four times, a phone's picture is drawn at four fifths of its size. */
  function shrunk(value, name) {
    if (Array.isArray(value)) { return value.map(function (each) { return shrunk(each, name); }); }
    if (typeof value === "number") { return /^(size|l|r|xshift)$/.test(name) ? value * SHRUNK : value; }
    if (!value || typeof value !== "object" || name === "marker" || name === "meta") { return value; }
    var copy = {};
    Object.keys(value).forEach(function (key) { copy[key] = shrunk(value[key], key); });
    return copy;
  }
  function newest(layout, columns) {
    var range = layout.xaxis.range;
    layout.xaxis.range = [Math.max(range[0], Math.ceil(range[1] - columns + 0.5) - 0.5), range[1]];
  }
  function room() { return window.innerWidth <= SMALLEST ? 2 : window.innerWidth <= NARROW ? 1 : 0; }
  function painted(figure, width) {
    var drawn = resolved(figure);
    var meta = (drawn.layout && drawn.layout.meta) || {};
    // Some pictures need more room than a tablet has: they say how much.
    var compact = meta.compact && (room() > 0 || width < meta.roomy);
    if (compact) { drawn.layout = merged(drawn.layout, meta.compact); }
    // Columns without room for their figures are left out, the oldest first.
    if (!compact && width && meta.cell) { newest(drawn.layout, (width - drawn.layout.margin.l - drawn.layout.margin.r) / meta.cell); }
    if (room() > 0 && meta.few) {
      (drawn.data || []).forEach(function (trace) { if (trace.width) { trace.width *= meta.few.thicker; } });
    }
    if (room() === 2) {
      drawn.layout = shrunk(drawn.layout);
      (drawn.data || []).forEach(function (trace) { trace.textfont = shrunk(trace.textfont); });
    }
    return drawn;
  }

  /* ---- pictures wait their turn, those in sight first; between two of them the page answers whoever touches it ---- */
  var waiting = [], drawing = 0, turn = new window.MessageChannel();
  turn.port1.onmessage = function () {
    var began = window.performance.now();
    while (waiting.length && window.performance.now() - began < SLICE) {
      var next = waiting.find(function (each) { return each.salient && each.salient.seen; }) || waiting[0];
      waiting.splice(waiting.indexOf(next), 1);
      // One that cannot be drawn is told of, and the others still get their turn.
      try { if (next.isConnected && next.salient && next.salient.figure) { draw(next); } } catch (problem) { window.reportError(problem); }
    }
    if (waiting.length) { turn.port2.postMessage(null); }
  };
  function ask(chart) {
    if (waiting.indexOf(chart) >= 0) { return; }
    waiting.push(chart);
    if (waiting.length === 1) { turn.port2.postMessage(null); }
  }
  function all() { document.querySelectorAll(".chart").forEach(function (chart) { if (chart.salient && chart.salient.figure) { ask(chart); } }); }

  function draw(chart) {
    var own = chart.salient, former = own.plots[0] && own.plots[0]._fullLayout;
    var size = own.size || { width: chart.clientWidth, height: chart.clientHeight };
    var drawn = painted(own.figure, size.width);
    var layout = Object.assign({}, drawn.layout, { autosize: false });
    layout.width = size.width || (former && former.width) || 700;
    layout.height = size.height || (former && former.height) || layout.height;
    var looks = JSON.stringify([drawn.data, Object.assign({}, layout, { meta: null })]);
    // What looks as it did before is not drawn again: only the view it belongs to is noted.
    var same = own.plots.find(function (plot) { return plot.salientLooks === looks; });
    var plot = same || blank(own, drawn);
    show(own, plot, chart);
    if (same) {
      plot.layout.meta = layout.meta;
      told(chart);
      return;
    }
    plot.salientLooks = looks;
    drawing += 1;
    window.Plotly.react(plot, drawn.data, layout, QUIET)
      .then(function () { told(chart); })
      .finally(function () { drawing -= 1; });
  }
  /* A place to draw in: a few pictures are kept as they were, for whoever comes back to them. A map takes too long to come. */
  function blank(own, drawn) {
    var isMap = (drawn.data || []).some(function (trace) { return trace.type === "choropleth"; });
    if (own.plots.length && (isMap || own.plots.length === KEPT)) { return isMap ? own.plots[0] : own.plots[KEPT - 1]; }
    var made = document.createElement("div");
    made.className = "plot";
    return made;
  }
  /* The latest is first, and is the one that stands on the page. */
  function show(own, plot, chart) {
    var shown = own.plots[0];
    if (shown === plot) { return; }
    if (shown) { window.Plotly.Fx.unhover(shown); shown.salientHovered = null; }
    own.plots = [plot].concat(own.plots.filter(function (each) { return each !== plot; }));
    chart.replaceChildren(plot);
  }
  function clear(own, from) { own.plots.splice(from).forEach(function (plot) { window.Plotly.purge(plot); }); }
  function told(chart) { chart.dispatchEvent(new CustomEvent("salient:drawn", { bubbles: true })); }

  var sizes = new window.ResizeObserver(function (entries) {
    entries.forEach(function (entry) {
      var own = entry.target.salient, box = entry.contentRect;
      var size = { width: Math.round(box.width), height: Math.round(box.height) };
      if (!own || !size.width || (own.size && own.size.width === size.width && own.size.height === size.height)) { return; }
      own.size = size;
      clear(own, 1);
      if (own.figure) { ask(entry.target); }
    });
  });
  var sight = new window.IntersectionObserver(function (entries) {
    entries.forEach(function (entry) { if (entry.target.salient) { entry.target.salient.seen = entry.isIntersecting; } });
  });

  function Picture(props) {
    var React = window.React, place = React.useRef(null);
    React.useLayoutEffect(function () {
      var chart = place.current;
      chart.salient = { figure: null, size: null, seen: false, plots: [] };
      sizes.observe(chart);
      sight.observe(chart);
      return function () {
        sizes.unobserve(chart);
        sight.unobserve(chart);
        clear(chart.salient, 0);
        chart.salient = null;
      };
    }, []);
    React.useLayoutEffect(function () {
      place.current.salient.figure = props.data || null;
      if (props.data) { ask(place.current); }
    }, [props.data]);
    return React.createElement("div", { className: "chart", role: "img", ref: place });
  }

  /* Dash tells every component of every step of its store; they hear of the steps of one moment together. */
  function telling(store) {
    var subscribe = store.subscribe;
    store.subscribe = function (listener) {
      var due = false, moment = new window.MessageChannel();
      moment.port1.onmessage = function () { due = false; listener(); };
      return subscribe(function () {
        // What a person does is answered at once, so that what is typed stays where it was typed.
        if (window.event && window.event.isTrusted && window.event.type !== "message") { listener(); return; }
        if (!due) { due = true; moment.port2.postMessage(null); }
      });
    };
  }
  var stores = window.dash_stores = window.dash_stores || [];
  stores.push = function (store) { telling(store); return Array.prototype.push.call(this, store); };

  /* ---- the grid's script is fetched when the page has time, and run where the first grid comes to stand ---- */
  var grid = null, loading = null;
  function load() {
    loading = loading || new Promise(function (done) {
      var script = document.createElement("script");
      script.src = document.querySelector("link[data-grid]").href;
      script.addEventListener("load", function () {
        grid = window.dash_ag_grid;
        window.dash_ag_grid = Object.assign({}, grid, { AgGrid: AgGrid });
        done();
      });
      document.head.append(script);
    });
    return loading;
  }
  function AgGrid(props) {
    var React = window.React, ready = React.useState(Boolean(grid));
    React.useEffect(function () { if (!grid) { load().then(function () { ready[1](true); }); } }, []);
    return grid ? React.createElement(grid.AgGrid, props) : null;
  }
  AgGrid.dashRenderType = true;
  if (document.querySelector("link[data-grid]")) { window.dash_ag_grid = { AgGrid: AgGrid, getApi: function () { return null; } }; }

  window.salient = { Plain: Plain, Picture: Picture };
  window.salientPictures = { room: room, all: all, areDrawn: function () { return waiting.length + drawing === 0; } };
})();
