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

// A finger cannot point: what is behind a sign is written below its table when it is tapped.
document.addEventListener("click", ({ target }) => {
  const word = target.closest(".word");
  if (!word) return;
  const table = word.closest(".pst-scrollable-table-container") ?? word.closest("table");
  if (table.nextElementSibling?.className !== "behind") {
    const behind = document.createElement("p");
    behind.className = "behind";
    behind.setAttribute("role", "status");
    table.after(behind);
  }
  table.nextElementSibling.textContent = word.title;
});

// Figures that turn, or that have a slider, obey the arrow keys, too.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".plotly-graph-div").forEach((figure) => {
    const slides = () => figure._fullLayout?.sliders?.[0];
    figure.tabIndex = 0;
    figure.setAttribute("role", "group");
    figure.setAttribute("aria-label", "The arrow keys turn this figure, or move its slider.");
    // All views of a figure are seen from one side.
    figure.on?.("plotly_relayout", (changed) => {
      const from = Object.entries(changed).filter(([name]) => /^scene\d*\.camera$/.test(name));
      if (from.length !== 1) return;
      const [[name, camera]] = from;
      const others = scenesOf(figure).filter((other) => `${other}.camera` !== name);
      if (others.length)
        Plotly.relayout(figure, Object.fromEntries(others.map((other) => [`${other}.camera.eye`, camera.eye])));
    });
    figure.addEventListener("keydown", (event) => {
      const [right, up] =
        { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
      if (right === undefined) return;
      event.preventDefault();
      slides() ? slide(figure, slides(), right + up) : turn(figure, right * 0.15, up * 0.15);
    });
  });
});

function slide(figure, slider, steps) {
  const next = slider.steps[slider.active + steps];
  if (next) Plotly.animate(figure, ...next.args);
}

const scenesOf = (figure) => Object.keys(figure._fullLayout).filter((name) => /^scene\d*$/.test(name));

function turn(figure, around, up) {
  const moved = scenesOf(figure).map((name) => {
    const { x, y, z } = figure._fullLayout[name].camera.eye;
    const far = Math.hypot(x, y, z);
    const angle = Math.atan2(y, x) + around;
    const height = Math.min(Math.max(Math.asin(z / far) + up, -1.5), 1.5);
    const flat = far * Math.cos(height);
    const eye = { x: flat * Math.cos(angle), y: flat * Math.sin(angle), z: far * Math.sin(height) };
    return [`${name}.camera.eye`, eye];
  });
  Plotly.relayout(figure, Object.fromEntries(moved));
}

// On paper nothing unfolds: what made a figure is open there. What decides a claim stands in its chapter.
window.addEventListener("beforeprint", () =>
  document.querySelectorAll("details.provenance").forEach((folded) => (folded.open = true)),
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
