/* Drafts: what is typed into a folded form is still there when the form is made anew, as when another level is chosen. */
(function () {
  "use strict";
  var FOLDED = "details.folded form[data-quiet]", kept = {};
  function key(field) { return field.closest("details").className + " " + field.name; }
  function fields(form) { return Array.from(form.querySelectorAll("input[name],textarea[name]")); }
  document.addEventListener("input", function (event) {
    var form = event.target.closest && event.target.closest(FOLDED);
    if (form && event.target.name) { kept[key(event.target)] = event.target.value; }
  });
  document.addEventListener("submit", function (event) {
    if (event.target.matches(FOLDED)) { fields(event.target).forEach(function (field) { delete kept[key(field)]; }); }
  });
  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      change.addedNodes.forEach(function (node) {
        if (node.nodeType !== 1) { return; }
        (node.matches(FOLDED) ? [node] : Array.from(node.querySelectorAll(FOLDED))).forEach(function (form) {
          fields(form).forEach(function (field) {
            var draft = kept[key(field)];
            if (!draft || field.value) { return; }
            field.value = draft;
            form.closest("details").open = true;
          });
        });
      });
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
