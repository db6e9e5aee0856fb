/* Files: at each panel the formats that the bar offers for the whole; a file is fetched here, and a refusal is read to its end. */
(function () {
  "use strict";
  var t = window.salientSay;
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
    document.body.append(menu);
    var box = menu.getBoundingClientRect(), at = link.getBoundingClientRect();
    menu.style.left = Math.max(8, Math.min(at.right - box.width, window.innerWidth - box.width - 8)) + "px";
    menu.style.top = Math.max(8, Math.min(at.bottom + 4, window.innerHeight - box.height - 8)) + "px";
    menu.querySelector("button").focus({ preventScroll: true });
  }

  /* ---- what is under way, and what became of it, stands in the corner ---- */
  function say(sentence, kind) {
    if (!pill) {
      pill = document.createElement("div");
      pill.className = "file-told";
      pill.setAttribute("role", "status");
      document.body.append(pill);
    }
    window.clearTimeout(pill.over);
    pill.dataset.kind = kind;
    pill.textContent = sentence;
    if (kind === "busy") { return; }
    pill.over = window.setTimeout(function () { pill.remove(); pill = null; }, kind === "refused" ? 9000 : 3000);
  }
  function nameOf(answer) {
    var found = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") || "");
    return found ? found[1] : "salient";
  }
  function take(href, title) {
    say(t("{title} is being made …", { title: title }), "busy");
    return window.fetch(href, { headers: { Accept: "application/json" }, credentials: "same-origin" }).then(function (answer) {
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
    }).catch(function (error) { say(error.message || t("The file could not be made. Try again."), "refused"); });
  }

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
