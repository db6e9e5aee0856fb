/* The texts that the scripts say: `window.salientSay("Copied {name}.", {name: "…"})` in the language of the page. */
(function () {
  "use strict";
  var place = document.getElementById("texts");
  var texts = place ? JSON.parse(place.textContent) : {};
  window.salientSay = function (text, parts) {
    var said = Object.prototype.hasOwnProperty.call(texts, text) ? texts[text] : text;
    return said.replace(/\{(\w+)\}/g, function (whole, name) { return parts && name in parts ? parts[name] : whole; });
  };
})();
