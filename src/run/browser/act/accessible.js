// Roles and names of elements as assistive technology is told them: the browser's half of `src/expect/accessible.rs`,
// by the same rules (HTML-AAM 1.0, Accessible Name and Description Computation 1.2). A test holds both together.

const INPUT_ROLES = {
  button: "button", submit: "button", reset: "button", image: "button", checkbox: "checkbox", radio: "radio",
  range: "slider", number: "spinbutton", search: "searchbox", email: "textbox", tel: "textbox", text: "textbox",
  url: "textbox",
};
const LISTED_INPUTS = /^(email|search|tel|text|url)$/;
const TAG_ROLES = {
  article: "article", aside: "complementary", button: "button", details: "group", dialog: "dialog", fieldset: "group",
  figure: "figure", form: "form", h1: "heading", h2: "heading", h3: "heading", h4: "heading", h5: "heading",
  h6: "heading", hr: "separator", li: "listitem", main: "main", menu: "list", meter: "meter", nav: "navigation",
  ol: "list", optgroup: "group", option: "option", output: "status", p: "paragraph", progress: "progressbar",
  search: "search", summary: "button", table: "table", tbody: "rowgroup", td: "cell", textarea: "textbox",
  tfoot: "rowgroup", thead: "rowgroup", tr: "row", ul: "list",
};
const NAMED_BY_CONTENT = new Set([
  "button", "cell", "checkbox", "columnheader", "gridcell", "heading", "link", "menuitem", "option", "radio", "row",
  "rowheader", "switch", "tab", "tooltip", "treeitem",
]);
const SECTIONS = "article, aside, main, nav, section";

// The role that an element is given, else the one that it has by itself; empty where it has none.
function roleOf(element) {
  const explicit = (element.getAttribute("role") ?? "").trim().split(/\s+/)[0];
  if (explicit) return explicit;
  const isInSection = () => element.parentElement?.closest(SECTIONS);
  switch (element.localName) {
    case "a":
    case "area": return element.hasAttribute("href") ? "link" : "";
    case "img": return element.getAttribute("alt") === "" ? "presentation" : "img";
    case "th": return element.getAttribute("scope") === "row" ? "rowheader" : "columnheader";
    case "header": return isInSection() ? "" : "banner";
    case "footer": return isInSection() ? "" : "contentinfo";
    case "section": return element.matches("[aria-label], [aria-labelledby], [title]") ? "region" : "";
    case "select": return element.multiple || element.size > 1 ? "listbox" : "combobox";
    case "input":
      return LISTED_INPUTS.test(element.type) && element.hasAttribute("list") ? "combobox" : (INPUT_ROLES[element.type] ?? "");
    default: return TAG_ROLES[element.localName] ?? "";
  }
}

const firstText = (...texts) => texts.map(fold).find(Boolean) ?? "";

// The name by which assistive technology calls an element; empty where it has none.
function nameOf(element) {
  return (
    firstText(referredText(element, "aria-labelledby"), element.getAttribute("aria-label"), nativeName(element)) ||
    firstText(NAMED_BY_CONTENT.has(roleOf(element)) ? contentName(element) : "") ||
    firstText(element.getAttribute("title"), element.getAttribute("placeholder"))
  );
}

// The texts of the elements whose ids an attribute lists, hidden ones included.
function referredText(element, attribute) {
  const ids = (element.getAttribute(attribute) ?? "").split(/\s+/).filter(Boolean);
  const named = ids.map((id) => element.getRootNode().getElementById?.(id)).filter(Boolean);
  return named.map((one) => firstText(one.getAttribute("aria-label"), contentName(one), one.getAttribute("alt"))).join(" ");
}

// The name that HTML itself gives an element.
function nativeName(element) {
  const attribute = (name) => element.getAttribute(name);
  const child = (name) => {
    const found = [...element.children].find((one) => one.localName === name);
    return found && contentName(found);
  };
  const labels = [...(element.labels ?? [])].map((label) => contentName(label, element)).join(" ");
  switch (element.localName) {
    case "input":
      switch (element.type) {
        case "submit": return firstText(labels, attribute("value"), "Submit");
        case "reset": return firstText(labels, attribute("value"), "Reset");
        case "button": return firstText(labels, attribute("value"));
        case "image": return firstText(labels, attribute("alt"), attribute("title"), "Submit");
        default: return labels;
      }
    case "img":
    case "area": return attribute("alt");
    case "table": return child("caption");
    case "fieldset": return child("legend");
    case "figure": return child("figcaption");
    case "optgroup": return attribute("label");
    case "option": return firstText(attribute("label"), element.textContent);
    default: return labels;
  }
}

// The text of an element, with pictures by their `alt` and what has an `aria-label` by that; what a reader does not
// see is left out, unless nothing of the element is seen.
function contentName(element, except = null) {
  const isShown = isRendered(element);
  const inside = (parent) => {
    const slotted = parent.localName === "slot" ? parent.assignedNodes() : [];
    return slotted.length > 0 ? slotted : [...(parent.shadowRoot ?? parent).childNodes];
  };
  const walk = (parent) => inside(parent).map(nameOfNode).join("");
  const nameOfNode = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node === except) return " ";
    if (node.getAttribute("aria-hidden") === "true" || node.matches("script, style, template")) return "";
    if (isShown && !isRendered(node)) return "";
    const label = node.getAttribute("aria-label");
    if (label) return ` ${label} `;
    if (node.localName === "img") return ` ${node.getAttribute("alt") ?? ""} `;
    const text = walk(node);
    return /^(inline|contents)$/.test(getComputedStyle(node).display) ? text : ` ${text} `;
  };
  return walk(element);
}

const isRendered = (element) => element.checkVisibility({ visibilityProperty: true });

function isHiddenFromRoles(element) {
  return element.closest('[aria-hidden="true"]') !== null || !isVisible(element);
}

function findByRole(role, name) {
  const wanted = fold(name).toLowerCase();
  return everywhere("*").filter(
    (element) =>
      roleOf(element) === role &&
      !isHiddenFromRoles(element) &&
      (name === undefined || name === null || nameOf(element).toLowerCase().includes(wanted)),
  );
}
