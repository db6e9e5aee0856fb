/* Files: at each panel the formats that the bar offers for the whole; a file is fetched here, and a refusal is read to its end. */
(function () {
  "use strict";
  /* Milliseconds that one waits for a file; what takes longer is made in the background. */
  var PATIENCE = 12000;
  var t = window.salientSay;
  var EXPORTS = ["/exports", t("Your exports")];
  var menu = null, before = null, pill = null;

  function offered() { return Array.prototype.slice.call(document.querySelectorAll("details[data-menu=export] a[data-format]")); }
  function ending(href, format) {
    var url = new URL(href, window.location.href);
    url.pathname = url.pathname.replace(/\.[a-z]+$/, "." + format);
    return url.pathname + url.search;
  }
  function close(back) {
    if (!menu) { return; }
    menu.remove();
    menu = null;
    if (back && before && before.isConnected) { before.focus({ preventScroll: true }); }
  }
  function open(link) {
    close(false);
    before = link;
    menu = document.createElement("div");
    menu.className = "mark-menu";
    menu.setAttribute("role", "menu");
    menu.setAttribute("aria-label", link.getAttribute("aria-label"));
    offered().forEach(function (each) {
      var button = document.createElement("button"), title = each.getAttribute("data-title");
      button.type = "button";
      button.tabIndex = -1;
      button.setAttribute("role", "menuitem");
      button.textContent = title;
      button.addEventListener("click", function () { close(true); take(ending(link.href, each.getAttribute("data-format")), title); });
      menu.append(button);
    });
    /* What else can be done with one panel: the places are in the bar, unseen. */
    document.querySelectorAll("details[data-menu=export] a[data-of-panel]").forEach(function (each) {
      var button = document.createElement("button"), view = ending(link.href, "").replace(/\.(?=\?|$)/, "");
      button.type = "button";
      button.tabIndex = -1;
      button.setAttribute("role", "menuitem");
      button.textContent = each.textContent;
      button.addEventListener("click", function () { window.location.assign(each.getAttribute("data-of-panel") + "view=" + encodeURIComponent(view)); });
      menu.append(button);
    });
    document.body.append(menu);
    var box = menu.getBoundingClientRect(), at = link.getBoundingClientRect();
    menu.style.left = Math.max(8, Math.min(at.right - box.width, window.innerWidth - box.width - 8)) + "px";
    menu.style.top = Math.max(8, Math.min(at.bottom + 4, window.innerHeight - box.height - 8)) + "px";
    menu.querySelector("button").focus({ preventScroll: true });
  }

  /* ---- what is under way, and what became of it, stands in the corner ---- */
  function say(sentence, kind, link) {
    if (!pill || !pill.isConnected) {
      pill = document.createElement("div");
      pill.className = "file-told";
      pill.setAttribute("role", "status");
      document.body.append(pill);
    }
    window.clearTimeout(pill.over);
    pill.dataset.kind = kind;
    pill.textContent = sentence;
    if (link) {
      var to = document.createElement("a");
      to.href = link[0];
      to.textContent = link[1];
      pill.append(" ", to);
    }
    if (kind === "busy") { return; }
    var mine = pill;
    mine.over = window.setTimeout(function () { mine.remove(); }, kind === "refused" || link ? 9000 : 3000);
  }
  function nameOf(answer) {
    var found = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") || "");
    return found ? found[1] : "salient";
  }
  function take(href, title) {
    say(t("{title} is being made …", { title: title }), "busy");
    var giving = new AbortController(), over = false;
    var clock = window.setTimeout(function () { over = true; giving.abort(); }, PATIENCE);
    var asked = { headers: { Accept: "application/json" }, credentials: "same-origin", signal: giving.signal };
    return window.fetch(href, asked).then(function (answer) {
      window.clearTimeout(clock);
      if (answer.status === 429) { return later(href); }
      if (!answer.ok) {
        return answer.json().then(function (told) { throw new Error(told.detail || told.title); });
      }
      return answer.blob().then(function (content) {
        var link = document.createElement("a"), address = URL.createObjectURL(content);
        link.href = address;
        link.download = nameOf(answer);
        link.click();
        window.setTimeout(function () { URL.revokeObjectURL(address); }, 60000);
        say(t("{name} is in your downloads.", { name: link.download }), "done");
      });
    }).catch(function (error) {
      window.clearTimeout(clock);
      if (over) { return later(href); }
      return refuse(error);
    });
  }
  function refuse(error) { say(error.message || t("The file could not be made. Try again."), "refused"); }
  function later(href) {
    var url = new URL(href, window.location.href), dot = url.pathname.lastIndexOf(".");
    var token = document.cookie.split("; ").filter(function (each) { return each.startsWith("_csrf_token="); })[0] || "";
    return window.fetch("/exports", {
      method: "POST",
      body: new URLSearchParams({ view: url.pathname.slice(0, dot) + url.search, format: url.pathname.slice(dot + 1) }),
      headers: { Accept: "application/json", "X-CSRFToken": token.slice(token.indexOf("=") + 1) },
      credentials: "same-origin"
    }).then(function (answer) {
      return answer.json().then(function (told) {
        if (!answer.ok) { throw new Error(told.detail || told.title); }
        say(told.sentence, "done", EXPORTS);
      });
    }).catch(refuse);
  }

  /* ---- exports that have ended, and comments that name one, are told once, wherever one is ---- */
  function hear(news, sentence, link) {
    var known = 0;
    document.addEventListener("salient-" + news, function (event) {
      if (event.detail > known) { say(sentence, "done", link); }
      known = event.detail;
    });
  }
  hear("exports", t("An export has ended."), EXPORTS);
  hear("mentions", t("Somebody has named you in a comment."), ["/comments", t("Said to you")]);

  document.addEventListener("click", function (event) {
    var link = event.target instanceof Element && event.target.closest("a[data-files], a[data-format]");
    if (menu && !menu.contains(event.target)) { close(false); }
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) { return; }
    if (link.hasAttribute("data-files") && !offered().length) { return; }
    event.preventDefault();
    if (link.hasAttribute("data-files")) { open(link); return; }
    var around = link.closest("details");
    if (around) { around.open = false; around.querySelector("summary").focus(); }
    take(link.getAttribute("href"), link.getAttribute("data-title"));
  });
  document.addEventListener("keydown", function (event) {
    if (!menu) { return; }
    var all = Array.prototype.slice.call(menu.querySelectorAll("button")), at = all.indexOf(document.activeElement);
    var to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) { all[(to + all.length) % all.length].focus(); event.preventDefault(); event.stopPropagation(); }
    if (event.key === "Escape" || event.key === "Tab") { close(true); event.preventDefault(); event.stopPropagation(); }
  }, true);
  window.addEventListener("popstate", function () { close(false); });
})();
