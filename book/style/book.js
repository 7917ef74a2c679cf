// One switch for all code of a page; what was chosen last holds for the next page, too.
document.addEventListener("DOMContentLoaded", () => {
  const boxes = document.querySelectorAll("details.hide.above-input, details.hide.above-output");
  const title = document.querySelector("article h1");
  if (!boxes.length || !title) return;
  const label = document.createElement("label");
  const choice = document.createElement("input");
  label.className = "show-code";
  choice.type = "checkbox";
  label.append(choice, " Show all code");
  const show = () => boxes.forEach((box) => (box.open = choice.checked));
  choice.checked = remembered() === "yes";
  if (choice.checked) show();
  choice.addEventListener("change", () => {
    show();
    remembered(choice.checked ? "yes" : "no");
  });
  title.after(label);
});

// The table of verdicts can be filtered by verdict and by chapter.
document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("section#the-verdicts table");
  if (!table) return;
  const rows = [...table.tBodies[0].rows];
  const of = {
    verdict: (row) => row.cells[2].textContent.trim().match(/^[a-z ]+/)[0].trim(),
    chapter: (row) => row.querySelector("a")?.pathname.match(/([^/]+)\.html$/)[1].replaceAll("_", " ") ?? "",
  };
  const choices = Object.entries(of).map(([name, said]) => {
    const choice = document.createElement("select");
    choice.setAttribute("aria-label", name);
    choice.add(new Option(`every ${name}`, ""));
    [...new Set(rows.map(said))].forEach((word) => choice.add(new Option(word)));
    choice.addEventListener("change", filter);
    return { choice, said };
  });
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  function filter() {
    const fits = (row) => choices.every(({ choice, said }) => !choice.value || said(row) === choice.value);
    rows.forEach((row) => (row.hidden = !fits(row)));
    count.textContent = `${rows.filter(fits).length} of ${rows.length} claims`;
  }
  const bar = document.createElement("p");
  bar.className = "filter";
  bar.append(...choices.map(({ choice }) => choice), count);
  (table.closest(".pst-scrollable-table-container") ?? table).before(bar);
  filter();
});

// On paper nothing unfolds: what decides a claim and what made a figure are open there.
window.addEventListener("beforeprint", () =>
  document.querySelectorAll("#the-verdicts details, details.provenance").forEach((folded) => (folded.open = true)),
);

// All of the page belongs to a landmark, for those who go by them.
document.addEventListener("DOMContentLoaded", () => {
  const sidebar = document.querySelector(".bd-sidebar-primary");
  sidebar?.setAttribute("role", "complementary");
  sidebar?.setAttribute("aria-label", "This book");
  // A list has items.
  document
    .querySelectorAll(".citation-list > [role=doc-biblioentry]")
    .forEach((entry) => entry.setAttribute("role", "listitem"));
});

// Some browsers refuse to remember anything for files of the disk.
function remembered(value) {
  try {
    if (value !== undefined) localStorage.setItem("show-code", value);
    return localStorage.getItem("show-code");
  } catch {
    return null;
  }
}
