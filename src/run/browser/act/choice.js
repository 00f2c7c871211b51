// Beside probe.js: lists to choose from, boxes to check, fields that take files.

const CHOSEN = Symbol.for("smokegate.chosen");
const FILLABLE = /^(text|search|url|tel|email|password|number|color|date|time|datetime-local|month|range|week)$/;

// What a field of this type takes, for messages.
const TAKEN = {
  color: "#rrggbb", date: "YYYY-MM-DD", time: "HH:MM", "datetime-local": "YYYY-MM-DDTHH:MM", month: "YYYY-MM",
  week: "YYYY-Www", range: "a number in its range and on its steps",
};

// The nearest that matches, itself or above it, out of shadow roots.
function closestOf(element, selector) {
  for (let node = element; node; node = node.getRootNode().host) {
    const found = node.closest(selector);
    if (found) return found;
  }
  return null;
}

const PRESSED = "button, a, [role=button], [role=link], [role=tab], [role=menuitem], [role=option]";
const CHECKED = "[role=checkbox], [role=radio], [role=switch], [role=menuitemcheckbox], [role=menuitemradio]";

// What an element belongs to: a label stands for what it labels, and what is in a button for the button.
function controlOf(element) {
  if (element.matches("input, select, textarea, [contenteditable]")) return element;
  const near = closestOf(element, `${PRESSED}, ${CHECKED}, label`);
  return near?.control ?? near ?? element;
}

const isFileField = (element) => element instanceof HTMLInputElement && element.type === "file";

const ARIA_CHECKABLE = /^(checkbox|radio|switch|menuitemcheckbox|menuitemradio)$/;

const isNativeBox = (element) => element instanceof HTMLInputElement && /^(checkbox|radio)$/.test(element.type);

const isCheckable = (element) => isNativeBox(element) || ARIA_CHECKABLE.test(element.getAttribute("role") ?? "");

const isChecked = (element) => (isNativeBox(element) ? element.checked : element.getAttribute("aria-checked") === "true");

const isRadio = (element) =>
  isNativeBox(element) ? element.type === "radio" : /radio$/.test(element.getAttribute("role") ?? "");

// What else an element is, and which action is for it.
function otherKind(element) {
  if (element instanceof HTMLSelectElement) return "is a list to choose from: use `select`";
  if (isCheckable(element)) return `is a ${isRadio(element) ? "radio button" : "box"} to check: use \`check\``;
  if (isFileField(element)) return "takes files: use `upload`";
  if (isTextField(element) && FILLABLE.test(element.type ?? "text")) return "is a field to fill: use `fill`";
  return null;
}

// Why an element will never be one for this action; `null` if it is.
function wrongKind(element) {
  const says = (what) => `${describe(element)} ${what}`;
  const control = controlOf(element);
  switch (request.kind) {
    case "fill": {
      const isField = isTextField(control) && (!(control instanceof HTMLInputElement) || FILLABLE.test(control.type));
      return isField ? null : says(otherKind(control) ?? "is no field that can be filled");
    }
    case "frame":
      return /^(iframe|frame|object|embed)$/.test(element.localName) ? null : says("is no frame");
    case "select":
      if (!(control instanceof HTMLSelectElement)) return says(otherKind(control) ?? "is no list to choose from");
      if (control.multiple || request.value.length === 1) return null;
      return says(`takes one option, not ${request.value.length}: it is not \`multiple\``);
    case "check":
      if (!isCheckable(control)) return says(otherKind(control) ?? "is neither a box nor a radio button");
      if (request.value || !isRadio(control) || !isChecked(control)) return null;
      return says("is a radio button, which cannot be unchecked: check another one of its group");
    case "upload":
      if (!isFileField(control)) return says(otherKind(control) ?? "takes no files: it is no <input type=file>");
      if (control.multiple || request.value.length === 1) return null;
      return says(`takes one file, not ${request.value.length}: it is not \`multiple\``);
    default:
      return null;
  }
}

const labelOf = (option) => fold(option.label || option.textContent);

// The option by value, else by label; of several the first that can be chosen.
function findOption(list, wanted) {
  const options = [...list.options];
  const byValue = options.filter((option) => option.value === wanted);
  const found = byValue.length > 0 ? byValue : options.filter((option) => labelOf(option) === fold(wanted));
  return found.find((option) => !isOptionDisabled(option)) ?? found[0];
}

const isOptionDisabled = (option) => option.disabled || option.parentElement?.disabled === true;

function tellOption(option) {
  const [label, value] = [labelOf(option), option.value];
  return label === value || !label ? JSON.stringify(value) : `${JSON.stringify(value)} (${label})`;
}

const OPTIONS_TOLD = 20;

// What keeps options from being chosen; they may still come.
function missingOption(list) {
  for (const wanted of request.value) {
    const option = findOption(list, wanted);
    if (!option) {
      const all = [...list.options];
      const shown = all.slice(0, OPTIONS_TOLD).map(tellOption).join(", ");
      const more = all.length > OPTIONS_TOLD ? `, and ${all.length - OPTIONS_TOLD} more` : "";
      const there = all.length > 0 ? `there are ${shown}${more}` : "there are none";
      return `no option ${JSON.stringify(wanted)}: ${there}`;
    }
    if (isOptionDisabled(option)) return `the option ${tellOption(option)} is disabled`;
  }
  return null;
}

function tellOfInput(element) {
  element.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

function selectOptions(list) {
  const chosen = request.value.map((wanted) => findOption(list, wanted));
  list.focus();
  for (const option of list.options) option.selected = chosen.includes(option);
  tellOfInput(list);
}

// A field keeps the files that it has, and adds others to them.
function emptyFileField(field) {
  if (field.files.length > 0) field.value = "";
}

// Whether the box that was clicked has become what it should, or its document is gone.
function isVerified() {
  const clicked = window[CHOSEN];
  if (!clicked || isChecked(clicked) === request.value) return true;
  const found = candidates().element;
  return found !== undefined && isChecked(controlOf(found)) === request.value;
}

function verify() {
  const end = performance.now() + request.budget;
  const again = () => {
    if (isVerified()) return done({ is_set: true });
    if (performance.now() < end) return nextFrame(again);
    const state = request.value ? "unchecked" : "checked";
    return done({ reasons: [{ reason: `${describe(window[CHOSEN])} is still ${state} after the click`, ms: 0 }] });
  };
  again();
}
