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

// Some browsers refuse to remember anything for files of the disk.
function remembered(value) {
  try {
    if (value !== undefined) localStorage.setItem("show-code", value);
    return localStorage.getItem("show-code");
  } catch {
    return null;
  }
}
