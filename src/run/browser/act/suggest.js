// Beside probe.js: how an element could be named so that it is the only one, and what was perhaps meant.

const SUGGESTED = 5;
const NAME_LIMIT = 60;
const NAMED_ROLES = /^(button|link|checkbox|radio|switch|tab|menuitem|option|textbox|searchbox|combobox|listbox|heading|img)$/;

const isUsableText = (text) => text.length > 0 && text.length <= NAME_LIMIT && !/["'\]\\]/.test(text);

// Whether a locator finds this element and no other that can be seen.
function isOnly(locator, element) {
  const found = find(locator);
  const shown = found.filter(isVisible);
  return (shown.length > 0 ? shown : found).length === 1 && found.includes(element);
}

// Ways to name an element, the one that lasts longest first.
function* waysToName(element) {
  const testId = element.getAttribute("data-testid");
  if (testId && testId === testId.trim()) yield { strategy: "testid", value: testId, written: `testid=${testId}` };
  if (element.id) yield css(`#${CSS.escape(element.id)}`);
  const role = roleOf(element);
  const name = NAMED_ROLES.test(role) ? nameOf(element) : "";
  if (isUsableText(name)) yield { strategy: "role", value: role, name, written: `role=${role}[name="${name}"]` };
  const label = fold(element.labels?.[0]?.textContent);
  if (isUsableText(label)) yield { strategy: "label", value: label, written: `label=${label}` };
  if (element.getAttribute("name")) yield css(`${element.localName}[name=${quote(element.getAttribute("name"))}]`);
  const text = fold(ownText(element));
  if (isUsableText(text)) yield { strategy: "text", value: text, written: `text=${text}` };
  yield* pathsTo(element);
}

const css = (selector) => ({ strategy: "css", value: selector, written: selector });

const quote = (text) => `'${text.replace(/[\\']/g, "\\$&")}'`;

// From the element upwards, until something over it has a name of its own.
function* pathsTo(element) {
  let path = "";
  for (let node = element; node instanceof Element && node !== document.documentElement; node = node.parentElement) {
    if (path && node.id) yield css(`#${CSS.escape(node.id)} > ${path}`);
    const same = [...(node.parentElement?.children ?? [])].filter((one) => one.localName === node.localName);
    const place = same.length > 1 ? `:nth-of-type(${same.indexOf(node) + 1})` : "";
    path = `${CSS.escape(node.localName)}${place}${path && " > "}${path}`;
    yield css(path);
  }
}

// The first way that is unique in the page as it is; `null` if there is none.
function suggestLocator(element) {
  for (const locator of waysToName(element)) {
    if (isOnly(locator, element)) return locator.written;
  }
  return null;
}

function suggest(elements) {
  const told = elements.slice(0, SUGGESTED).map((element) => ({ tag: describe(element), locator: suggestLocator(element) }));
  return told.filter(({ locator }) => locator !== null);
}

// ---- Where nothing matches ----

// Levenshtein's distance.
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length];
}

// The word by which a locator names an element, and that word of every element that has one.
function wordsLike(locator) {
  const all = (selector, read) => everywhere(selector).map((element) => [element, fold(read(element))]);
  switch (locator.strategy) {
    case "testid": return [locator.value, all("[data-testid]", (one) => one.getAttribute("data-testid"))];
    case "placeholder": return [locator.value, all("[placeholder]", (one) => one.getAttribute("placeholder"))];
    case "label": return [locator.value, all("input, textarea, select", (one) => one.labels?.[0]?.textContent ?? "")];
    case "text": return [locator.value, all("a, button, label, summary, h1, h2, h3, h4, li, td, p, span", ownText)];
    case "role": return [locator.name ?? "", findByRole(locator.value).map((element) => [element, nameOf(element)])];
    default: {
      const [, kind, word] = /^(#|\.)((?:[\w-]|\\.)+)$/.exec(locator.value) ?? [];
      if (kind === "#") return [word, all("[id]", (one) => one.id)];
      if (kind === ".") return [word, everywhere("[class]").flatMap((one) => [...one.classList].map((name) => [one, name]))];
      return ["", []];
    }
  }
}

// The elements that were perhaps meant by a locator that finds none, the nearest first.
function nearestElements(locator) {
  const [wanted, words] = wordsLike(locator);
  const word = fold(wanted).toLowerCase();
  const near = words
    .filter(([element, other]) => other && other.length <= NAME_LIMIT && isVisible(element))
    .map(([element, other]) => [element, distance(word, other.toLowerCase())])
    .filter(([, far]) => far <= Math.max(2, Math.floor(word.length / 2)));
  near.sort(([, one], [, other]) => one - other);
  return [...new Set(near.map(([element]) => element))].slice(0, SUGGESTED);
}
