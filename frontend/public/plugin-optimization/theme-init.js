// Runs before the first paint, so that neither the theme nor the language flashes.
(function () {
  var root = document.documentElement;
  var read = function (key) {
    try { return localStorage.getItem(key); } catch { return null; }
  };
  var theme = read("po-theme");
  var dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  root.lang = read("po-lang") === "en" ? "en" : "ko";
})();
