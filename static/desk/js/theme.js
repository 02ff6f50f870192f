/* Before the first paint: the theme somebody chose by hand; without a choice the system's own is used. */
(function () {
  try {
    var chosen = localStorage.getItem("theme");
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  } catch (denied) { /* storage is closed: the system's theme stands */ }
})();
document.documentElement.classList.add("js");
