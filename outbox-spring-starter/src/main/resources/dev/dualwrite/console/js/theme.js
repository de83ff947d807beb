// The theme a person chose, if any; else what the system says (see console.css).
(function () {
  "use strict";
  var kept = null;
  try {
    kept = localStorage.getItem("dualwrite-theme");
  } catch (e) {
    // Storage may be forbidden: the system's theme then.
  }
  if (kept === "light" || kept === "dark") {
    document.documentElement.dataset.theme = kept;
  }
})();
