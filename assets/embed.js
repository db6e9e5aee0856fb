/* Embed: a frame on another site. Its token, in a header of whatever it asks for; and what it says to its host and hears from it. */
(function () {
  "use strict";
  var root = document.documentElement;
  var told = JSON.parse(document.getElementById("embed").textContent);
  var place = told.place, plain = window.fetch;
  var SOON = 20000, PATIENCE = 20000, TRIES = 8, LONGEST = 20000;

  root.setAttribute("data-embed", told.can.join(" "));
  if (told.theme !== "auto") { root.setAttribute("data-bs-theme", told.theme); }
  // A panel alone says itself what the sentence above a dashboard says.
  root.toggleAttribute("data-alone", told.view.split("?")[0].split("/").length > 3);
  window.salientPlace = place;

  /* What lets this visitor in leaves the address before anything else looks at it. */
  var brought = /^#(assertion|ticket)=([\w.-]+)$/.exec(window.location.hash), proof = null;
  if (brought) {
    proof = {};
    proof[brought[1]] = brought[2];
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  }
  var isPreview = Boolean(proof && proof.ticket);

  /* ---- the host: the page around, if it is one of those granted ---- */
  function isHost(origin) { return told.origins.indexOf(origin) >= 0 || origin === window.location.origin; }
  function above() {
    var known = window.location.ancestorOrigins;
    if (known && known.length) { return known[0]; }
    try { return new URL(document.referrer).origin; } catch (none) { return told.origins.length === 1 ? told.origins[0] : ""; }
  }
  var host = isHost(above()) ? above() : null, said = {};
  function tell(type, data) {
    said[type] = Object.assign({ salient: 1, type: type, embed: told.grant }, data);
    if (host && window.parent !== window) { window.parent.postMessage(said[type], host); }
  }

  /* ---- the token: renewed by itself while the grant lives, or by the host, who signs for the visitor anew ---- */
  var token = null, until = 0, asking = null, over = false, waiting = null;
  function t(sentence) { return window.salientSay ? window.salientSay(sentence) : sentence; }
  function exchange(sent, tries) {
    return plain.call(window, place + "/token", {
      method: "POST", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
      headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(sent || {})
    }).then(function (answer) {
      if (answer.status === 429 && (tries || 0) < TRIES) {
        // Many came at once: nothing of what was sent is used up, and those who wait come back one after another.
        var pause = (Number(answer.headers.get("Retry-After")) || 1) * 1000 * (1 + Math.random());
        return new Promise(function (done) { window.setTimeout(done, Math.min(pause, LONGEST)); }).then(function () { return exchange(sent, (tries || 0) + 1); });
      }
      return answer.json().then(function (found) {
        if (!answer.ok) { throw new Error(found.detail || found.title || ""); }
        token = found.token;
        until = Date.now() + found.lasts * 1000;
        return token;
      });
    });
  }
  function renewed() {
    if (proof || !told.signed) {
      var sent = proof;
      if (!isPreview) { proof = null; }
      return exchange(sent);
    }
    return new Promise(function (done, failed) {
      var clock = window.setTimeout(function () { waiting = null; failed(new Error(t("This view has expired. Load the page again."))); }, PATIENCE);
      waiting = function (assertion) {
        waiting = null;
        window.clearTimeout(clock);
        delete said.renew;
        if (assertion) { exchange({ assertion: assertion }).then(done, failed); } else { failed(new Error(t("This view has expired. Load the page again."))); }
      };
      tell("renew", {});
    });
  }
  function current(anew) {
    if (!anew && token && Date.now() < until - SOON) { return Promise.resolve(token); }
    if (!asking) {
      asking = renewed().then(function (found) { asking = null; return found; }, function (problem) { asking = null; throw problem; });
    }
    return asking;
  }
  /* What stood is taken away: nobody reads on in what may not be shown any more. */
  function end(sentence) {
    if (over) { return; }
    over = true;
    token = null;
    root.setAttribute("data-over", "");
    function show() {
      var place = document.createElement("div"), line = document.createElement("p");
      place.className = "embed-over";
      place.setAttribute("role", "alert");
      line.textContent = sentence;
      place.append(line);
      document.body.replaceChildren(place);
      tell("height", { height: Math.ceil(place.getBoundingClientRect().height) });
    }
    if (document.body) { show(); } else { document.addEventListener("DOMContentLoaded", show); }
    tell("expired", { sentence: sentence });
  }
  function refused() { return new Response("{}", { status: 401, headers: { "Content-Type": "application/json" } }); }
  function sent(address, options, found) {
    var headers = new Headers((options || {}).headers);
    headers.delete("X-CSRFToken");
    headers.set("X-Salient-Embed", found);
    return plain.call(window, address, Object.assign({}, options, { headers: headers, credentials: "omit" }));
  }
  window.fetch = function (address, options) {
    var url = new URL(address instanceof Request ? address.url : String(address), window.location.href);
    if (url.origin !== window.location.origin) { return plain.call(window, address, options); }
    if (over) { return Promise.resolve(refused()); }
    return current(false).then(function (found) { return sent(address, options, found); }).then(function (answer) {
      if (answer.status !== 401) { return answer; }
      // The clock here may be another than the server's: once more with a new token, and then it is over.
      token = null;
      return current(true).then(function (found) { return sent(address, options, found); });
    }).then(function (answer) {
      if (answer.status !== 401) { return answer; }
      return answer.json().catch(function () { return {}; }).then(function (found) { end(found.detail || t("This view has expired. Load the page again.")); return refused(); });
    }, function (problem) {
      if (problem instanceof TypeError || (problem && problem.name === "AbortError")) { throw problem; }
      end((problem && problem.message) || t("This view has expired. Load the page again."));
      return refused();
    });
  };
  current(false).catch(function (problem) { if (!(problem instanceof TypeError)) { end(problem.message); } });

  /* ---- the host sets a filter: the address says it, and the server decides ---- */
  function quoted(value) {
    return Array.isArray(value) ? value.map(function (each) { return encodeURIComponent(String(each)); }).join(",") : encodeURIComponent(String(value)).replace(/%2C/g, ",").replace(/%3A/g, ":");
  }
  function isFree(name) {
    return told.can.indexOf("filter") >= 0 && told.locked.indexOf(name) < 0 && !(name === "versus" && told.locked.indexOf("period") >= 0) && name !== "drill";
  }
  function filter(parameters) {
    var main = document.getElementById("main"), view = (main && main.getAttribute("data-view")) || told.view;
    var names = Object.keys(parameters || {}).filter(isFree);
    if (!names.length || !window.salientGo) { return; }
    var parts = view.split("?"), kept = (parts[1] || "").split("&").filter(function (pair) { return pair && names.indexOf(decodeURIComponent(pair.split("=")[0])) < 0; });
    var asked = names.filter(function (name) { return parameters[name] !== null && parameters[name] !== ""; }).map(function (name) { return encodeURIComponent(name) + "=" + quoted(parameters[name]); });
    var query = kept.concat(asked).join("&");
    window.salientGo(parts[0] + (query ? "?" + query : ""));
  }
  window.addEventListener("message", function (event) {
    var heard = event.data;
    if (event.source !== window.parent || window.parent === window || !isHost(event.origin) || !heard || heard.salient !== 1) { return; }
    host = event.origin;
    if (heard.type === "hello") { Object.keys(said).forEach(function (type) { window.parent.postMessage(said[type], host); }); }
    if (heard.type === "filter" && typeof heard.parameters === "object") { filter(heard.parameters); }
    if (heard.type === "assertion" && typeof heard.assertion === "string" && told.signed) {
      if (waiting) { waiting(heard.assertion); } else { exchange({ assertion: heard.assertion }).catch(function () { /* the token that stands goes on to its end */ }); }
    }
  });

  /* ---- what the host is told: that it stands, how tall it is, and what is looked at ---- */
  var shown = null, stood = false, tall = 0;
  function look() {
    var main = document.getElementById("main"), view = main && main.getAttribute("data-view");
    if (!view || over) { return; }
    if (!stood && main.getAttribute("data-ready") === "true") { stood = true; tell("ready", { view: view, title: document.title }); }
    if (view !== shown) {
      var first = shown === null;
      shown = view;
      if (!first) { tell("selection", { view: view, parameters: Object.fromEntries(new URLSearchParams(view.split("?")[1] || "")) }); }
    }
  }
  new MutationObserver(look).observe(root, { subtree: true, attributes: true, attributeFilter: ["data-view", "data-ready"] });
  var sizes = new ResizeObserver(function (entries) {
    var now = Math.ceil(entries[0].target.getBoundingClientRect().height);
    if (now !== tall && !over) { tall = now; tell("height", { height: now }); }
  });
  new MutationObserver(function (_changes, watch) {
    var page = document.querySelector(".page");
    if (page) { watch.disconnect(); sizes.observe(page); }
  }).observe(root, { subtree: true, childList: true });
})();
