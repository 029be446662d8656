/* Fields that are written and not yet saved: they stay through every live update, through another ticket and a reload,
  and are said to be unsaved until they are saved or discarded.

  form.fields          is "changed" while a control of it says otherwise than the server does
  desk.written(form, button)   what a form sends: of a form of fields only what was written, so that nobody takes back
                               what a colleague wrote meanwhile
  desk.taken(form)     the server has what the form says
  desk.unsaved()       remind of what is not saved, after something else has been done */
"use strict";
(() => {
  const { all, desk, differs, find, toast } = trunkline;
  const agent = find("#list").dataset.agent;
  const place = () => `trunkline-fields:${agent}:${find("#ticket").dataset.id}`;
  const controls = (form) => [...form.elements].filter((each) => each.name && each.type !== "hidden" && each.type !== "submit");
  const forms = () => all("#person form.fields[id]");
  const savings = () => forms().filter((form) => form.classList.contains("changed") && find(".saving", form));
  let remind = null;

  function mark() {
    for (const form of forms()) form.classList.toggle("changed", controls(form).some(differs));
    if (remind && !savings().length) {
      remind();
      remind = null;
    }
  }

  /* In this window, by the ticket. */
  function keep() {
    if (!find("#ticket")) return;
    const kept = forms().flatMap((form) => controls(form).filter(differs).map(({ name, type, value, checked }) => {
      return { form: form.id, name, checked, value, box: type === "checkbox" };
    }));
    if (kept.length) sessionStorage.setItem(place(), JSON.stringify(kept));
    else sessionStorage.removeItem(place());
  }

  function recall() {
    const kept = find("#ticket") ? JSON.parse(sessionStorage.getItem(place()) || "[]") : [];
    for (const { form, name, checked, value, box } of kept) {
      const control = forms().filter((each) => each.id === form).flatMap(controls).find((each) => each.name === name && (!box || each.value === value));
      if (!control) continue;
      if (box) control.checked = checked;
      else control.value = value;
      const fold = control.closest("details");
      if (fold) fold.open = true;
    }
    mark();
  }

  function written(form, button) {
    const fields = new URLSearchParams(new FormData(form, button));
    if (!find(".saving", form)) return fields;
    for (const name of new Set(controls(form).map((each) => each.name))) {
      if (!controls(form).some((each) => each.name === name && differs(each))) fields.delete(name);
    }
    return fields;
  }

  function taken(form) {
    for (const each of form.elements) {
      if (each.nodeName === "SELECT") for (const option of each.options) option.defaultSelected = option.selected;
      else if (/^(checkbox|radio)$/.test(each.type)) each.defaultChecked = each.checked;
      else if (each.type !== "hidden" && "defaultValue" in each) each.defaultValue = each.value;
    }
    form.reset();
    keep();
  }

  function unsaved() {
    mark();
    if (!savings().length || remind) return;
    const save = () => savings().forEach((form) => form.requestSubmit(find(".save", form)));
    remind = toast("What you wrote into the fields is not saved yet.", { action: "Save it", act: save, seconds: 0 });
  }

  /* A field takes so many characters: what is pasted and does not fit is not cut, and stays in the clipboard. */
  document.addEventListener("paste", (event) => {
    const { maxLength, value, selectionStart, selectionEnd } = event.target;
    const text = event.clipboardData.getData("text");
    if (!(maxLength > 0) || value.length - (selectionEnd - selectionStart) + text.length <= maxLength) return;
    event.preventDefault();
    const most = maxLength.toLocaleString("en"), has = text.length.toLocaleString("en");
    toast(`This takes at most ${most} characters and what you pasted has ${has}, so nothing was put in.`, { kind: "bad" });
  });

  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      if (!event.target.closest(".fields")) return;
      mark();
      keep();
    });
  }
  document.addEventListener("reset", (event) => event.target.matches(".fields") && setTimeout(() => (mark(), keep())));
  document.addEventListener("swapped", (event) => event.target.id === "person" && mark());
  document.addEventListener("leaving", () => {
    keep();
    if (remind) remind();
    remind = null;
  });
  addEventListener("pagehide", keep);
  document.addEventListener("opened", recall);
  recall();
  Object.assign(desk, { written, taken, unsaved });
})();
