/* For pages that show `<iframe data-salient src="https://…/embed/…">`: heights, events, filters, and signatures that are renewed. */
(function () {
  "use strict";
  var ours = new URL(document.currentScript.src).origin;
  function frames() {
    return Array.prototype.filter.call(document.querySelectorAll("iframe[data-salient]"), function (frame) { return new URL(frame.src, document.baseURI).origin === ours; });
  }
  function send(frame, message) { frame.contentWindow.postMessage(Object.assign({ salient: 1 }, message), ours); }
  /* The address, on the host's own server, that answers with an assertion for whoever is signed in there. */
  function renew(frame) {
    var from = frame.getAttribute("data-salient-assertion");
    if (!from) { return; }
    // Without a signature the frame says that it has expired.
    window.fetch(from, { credentials: "same-origin", cache: "no-store" })
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .catch(function () { return ""; })
      .then(function (assertion) { send(frame, { type: "assertion", assertion: assertion.trim() }); });
  }
  window.addEventListener("message", function (event) {
    var heard = event.data;
    if (event.origin !== ours || !heard || heard.salient !== 1) { return; }
    var frame = frames().find(function (each) { return each.contentWindow === event.source; });
    if (!frame) { return; }
    if (heard.type === "height" && typeof heard.height === "number" && !frame.hasAttribute("data-salient-fixed")) { frame.style.height = Math.min(Math.max(heard.height, 80), 20000) + "px"; }
    if (heard.type === "renew") { renew(frame); }
    frame.dispatchEvent(new CustomEvent("salient", { detail: heard }));
  });
  /* Whoever spoke before this script was there says it again; nothing in the greeting is for certain ears only. */
  frames().forEach(function (frame) { frame.contentWindow.postMessage({ salient: 1, type: "hello" }, "*"); });
  window.salientEmbeds = {
    setFilter: function (frame, parameters) { send(frame, { type: "filter", parameters: parameters }); },
    assert: function (frame, assertion) { send(frame, { type: "assertion", assertion: assertion }); }
  };
})();
