// Small comforts of the plain pages; everything works without them.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  const show = button.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = shown ? show : button.dataset.hide;
    button.setAttribute("aria-pressed", String(!shown));
    field.focus();
  });
}
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
    button.textContent = button.dataset.done;
  });
}
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("[type=submit]")) setTimeout(() => { button.disabled = true; });
  });
}
// Coming back with the Back button finds working buttons.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[type=submit]")) button.disabled = false;
});
// Of the fields that only some choices need, those of the one that is made are shown.
for (const chooser of ["kind", "condition"]) {
  const select = document.getElementById(chooser);
  const fields = select ? [...select.parentElement.querySelectorAll("[data-for]")].filter((field) => field.dataset.for === "metric" === (chooser === "condition")) : [];
  const show = () => fields.forEach((field) => { field.hidden = !field.dataset.for.split(" ").includes(select.value); });
  if (select) { select.addEventListener("change", show); show(); }
}
for (const select of document.querySelectorAll("select[data-chooses]")) {
  const fields = [...select.closest("section").querySelectorAll("[data-for]")];
  const show = () => fields.forEach((field) => { field.hidden = !field.dataset.for.split(" ").includes(select.value); });
  select.addEventListener("change", show);
  show();
}
