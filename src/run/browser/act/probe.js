// Runs inside the page: one round trip for a look, for a wait or for a guarded click.
// Called as an asynchronous WebDriver script with one request and the driver's callback.
const [request, done] = arguments;

const TAG_LIMIT = 100;

const fold = (text) => (text ?? "").replace(/\s+/g, " ").trim();

// ---- Finding elements, through open shadow roots ----

function roots(root = document) {
  const found = [root];
  for (const element of root.querySelectorAll("*")) {
    if (element.shadowRoot) found.push(...roots(element.shadowRoot));
  }
  return found;
}

const everywhere = (selector) => roots().flatMap((root) => [...root.querySelectorAll(selector)]);

function ownText(element) {
  if (element instanceof HTMLInputElement && /^(button|submit|reset)$/.test(element.type)) return element.value;
  return element.textContent;
}

const IS_TEXTLESS = "script, style, noscript, template, head, head *";

// The text of an element without that of scripts in it.
function readableText(element) {
  if (!element.querySelector(IS_TEXTLESS)) return ownText(element);
  const read = (node) => (node instanceof Element ? (node.matches(IS_TEXTLESS) ? "" : readableText(node)) : node instanceof Text ? node.data : "");
  return [...element.childNodes].map(read).join("");
}

function findByText(text) {
  const wanted = fold(text).toLowerCase();
  const says = (other) => fold(other).toLowerCase().includes(wanted);
  const has = (element) => says(ownText(element)) && says(readableText(element));
  const all = everywhere("*").filter((element) => !element.matches(IS_TEXTLESS) && has(element));
  return all.filter((element) => ![...element.children].some((child) => !child.matches(IS_TEXTLESS) && has(child)));
}

function findByLabel(text) {
  const wanted = fold(text).toLowerCase();
  const says = (other) => fold(other).toLowerCase().includes(wanted);
  const controls = everywhere("input, textarea, select, button, meter, output, progress, [aria-label], [aria-labelledby]");
  return controls.filter((control) => {
    const labels = [...(control.labels ?? [])].map((label) => label.textContent);
    return [...labels, referredText(control, "aria-labelledby"), control.getAttribute("aria-label")].some(
      (label) => label && says(label),
    );
  });
}

function findByXPath(expression) {
  const type = XPathResult.ORDERED_NODE_SNAPSHOT_TYPE;
  const found = document.evaluate(expression, document, null, type, null);
  const nodes = Array.from({ length: found.snapshotLength }, (_, index) => found.snapshotItem(index));
  return nodes.filter((node) => node.nodeType === Node.ELEMENT_NODE);
}

const exactly = (attribute, value) => everywhere(`[${attribute}]`).filter((one) => one.getAttribute(attribute) === value);

function find(locator) {
  switch (locator.strategy) {
    case "text": return findByText(locator.value);
    case "role": return findByRole(locator.value, locator.name);
    case "label": return findByLabel(locator.value);
    case "placeholder": return exactly("placeholder", locator.value);
    case "testid": return exactly("data-testid", locator.value);
    case "xpath": return findByXPath(locator.value);
    default: return everywhere(locator.value);
  }
}

// ---- What elements are like ----

function isVisible(element) {
  const style = getComputedStyle(element);
  if (style.display === "contents") return [...element.children].some(isVisible);
  if (!element.checkVisibility() || style.visibility !== "visible") return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0;
}

const isEnabled = (element) => !element.matches(":disabled") && !closestOf(element, '[aria-disabled="true"]');

const isTextField = (element) =>
  element.isContentEditable || element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

const isEditable = (element) =>
  isEnabled(element) && !element.readOnly && element.getAttribute("aria-readonly") !== "true";

function describe(element) {
  const attributes = [...element.attributes].map(({ name, value }) => (value ? ` ${name}="${value}"` : ` ${name}`));
  const tag = `<${element.localName}${attributes.join("")}>`;
  return tag.length > TAG_LIMIT ? `${tag.slice(0, TAG_LIMIT - 2)}…>` : tag;
}

const round = (number) => Math.round(number * 100) / 100;

// ---- Frames ----

// A page in the background has no frames: a timer stands beside them.
function nextFrame(work) {
  let isDone = false;
  const once = () => {
    if (!isDone) {
      isDone = true;
      attempt(work);
    }
  };
  requestAnimationFrame(once);
  setTimeout(once, 100);
}

// A look that is dear must not keep the page from its work.
function nextLook(work, started, end) {
  const now = performance.now();
  const pause = Math.min(end - now, 10 * (now - started));
  if (pause > 20) setTimeout(() => nextFrame(work), pause);
  else nextFrame(work);
}

// ---- Waiting until an element can be acted on ----

function clickPoint(element) {
  const boxes = [...element.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
  const box = boxes[0] ?? element.getBoundingClientRect();
  const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
  const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
  return right > left && bottom > top ? { x: (left + right) / 2, y: (top + bottom) / 2 } : null;
}

function deepestAt({ x, y }) {
  let root = document;
  let found = null;
  while (root) {
    const inner = root.elementFromPoint(x, y);
    if (!inner || inner === found) break;
    found = inner;
    root = inner.shadowRoot;
  }
  return found;
}

function isInside(inner, outer) {
  for (let node = inner; node; node = node.parentNode ?? node.host) {
    if (node === outer || node.control === outer) return true;
  }
  return false;
}

function candidates() {
  const found = find(request.locator);
  const visible = needs("visible") ? found.filter(isVisible) : found;
  if (visible.length === 1) return { element: visible[0] };
  if (found.length === 0) return { reason: `no element matches${whyFrameIsEmpty()}` };
  if (visible.length === 0) {
    return { reason: found.length === 1 ? `${describe(found[0])} is not visible` : `${found.length} elements match, and none is visible` };
  }
  const shown = visible.slice(0, 5).map(describe).join(", ");
  return { reason: `${visible.length} elements match: ${shown}${visible.length > 5 ? ", …" : ""}`, several: visible };
}

const needs = (name) => request.needs.includes(name);

// Why the pointer would not hit an element; `null` if it would.
function coverOf(element) {
  const point = clickPoint(element);
  if (!point) return `${describe(element)} is outside of the window`;
  const hit = deepestAt(point);
  return hit && isInside(hit, element) ? null : `covered by ${hit ? describe(hit) : "something"}`;
}

// What to act on, and what lies over it: the whole button where another part of it lies over the part that was found.
function aimAt(found) {
  if (!needs("hit")) return { element: found, cover: null };
  const cover = coverOf(found);
  const button = cover && closestOf(found, PRESSED);
  return button && !coverOf(button) ? { element: button, cover: null } : { element: found, cover };
}

// What is in the way; `null` if nothing is, `undefined` if another frame must tell whether it stands still.
function hindrance(element, cover, previous) {
  const control = controlOf(element);
  if (needs("enabled") && !isEnabled(control)) return `${describe(control)} is disabled`;
  if (needs("editable") && !isEditable(control)) return `${describe(control)} is read-only`;
  if (request.kind === "select") {
    const missing = missingOption(control);
    if (missing) return missing;
  }
  if (cover) return cover;
  if (!needs("stable")) return null;
  if (!previous) return undefined;
  const box = element.getBoundingClientRect();
  const isStill = ["x", "y", "width", "height"].every((side) => previous[side] === box[side]);
  return isStill ? null : `${describe(element)} is moving`;
}

// How long each reason held, in the order in which they came.
function noteReason(trail, reason, now) {
  const last = trail.at(-1);
  if (last) last.ms += now - trail.noted;
  trail.noted = now;
  if (last?.reason !== reason) trail.push({ reason, ms: 0 });
}

// Where an element is scrolled to, one place after the other: a header or a footer that stands still may lie over it.
const ALIGNMENTS = ["nearest", "end", "center", "start"];

// How many looks in a row find it covered before the next place is tried.
const LOOKS_A_PLACE = 4;

function scrollFurther(place) {
  const block = ALIGNMENTS[place.next];
  place.element.scrollIntoView({ block, inline: "nearest", behavior: "instant" });
  Object.assign(place, { next: place.next + 1, looks: 0 });
}

// Whether an element stays covered where it is, and there is another place to scroll it to.
function isStuck(place) {
  place.looks += 1;
  return place.looks >= LOOKS_A_PLACE && place.next < ALIGNMENTS.length;
}

function waitUntilReady() {
  const end = performance.now() + request.budget;
  const trail = [];
  let place = { element: null };
  let previous = null;
  const again = () => {
    const started = performance.now();
    const { element: found, reason, several } = candidates();
    const wrong = found && wrongKind(found);
    if (wrong) return done({ reasons: [{ reason: wrong, ms: 0 }], is_final: true });
    if (found && request.kind === "check" && isChecked(controlOf(found)) === request.value) {
      return done({ element: found, is_set: true });
    }
    if (found !== place.element) {
      place = { element: found, next: 0, looks: 0 };
      previous = null;
      if (found && needs("hit")) scrollFurther(place);
    }
    const { element, cover } = found ? aimAt(found) : {};
    const why = element ? hindrance(element, cover, previous) : reason;
    if (why === null) return finish(element);
    if (cover && isStuck(place)) scrollFurther(place);
    previous = element?.getBoundingClientRect();
    if (why === undefined) return nextFrame(again);
    const now = performance.now();
    noteReason(trail, why, now);
    if (now < end) return nextLook(again, started, end);
    const suggestions = element || !request.suggests ? [] : suggest(several ?? nearestElements(request.locator));
    return done({ reasons: [...trail], suggestions });
  };
  again();
}

function finish(element) {
  const control = controlOf(element);
  if (request.guard) installGuard(element, request.guard);
  window[CHOSEN] = control;
  switch (request.kind) {
    case "fill":
      if (TAKEN[control.type] && control instanceof HTMLInputElement) return setValue(control);
      selectContent(control);
      (window[FILLED] ??= new Map()).set(control, request.value);
      return fillText(control);
    case "select":
      selectOptions(control);
      return done({ element: control, is_set: true });
    case "upload":
      emptyFileField(control);
      return done({ element: control });
    default:
      return done({ element, point: clickPoint(element), tells: isNative(console.debug) });
  }
}

const isErrorPage = () => /^(chrome-error:|about:neterror|about:certerror)/.test(document.URL);

function whyFrameIsEmpty() {
  if (window === window.parent) return "";
  if (isErrorPage()) return ", and the frame shows the browser's error page";
  return document.readyState === "complete" ? "" : ", and the frame has not loaded";
}

// ---- Around a frame ----

// Whether a point of a frame can be reached by the pointer, in the document around it; guards it if so.
function lookAround() {
  const { element: frame, point } = request;
  const inside = () => {
    const box = frame.getBoundingClientRect();
    const style = getComputedStyle(frame);
    const edge = (side) => parseFloat(style.getPropertyValue(`padding-${side}`)) || 0;
    return { x: box.left + frame.clientLeft + edge("left") + point.x, y: box.top + frame.clientTop + edge("top") + point.y };
  };
  const isShown = ({ x, y }) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;
  const isOpen = (here) => isShown(here) && deepestAt(here) === frame;
  const [left, top] = [scrollX, scrollY];
  // Where it is, else in the middle, else low, else high: a header or a footer that stands still may lie over it.
  for (const share of [null, 0.5, 0.75, 0.25]) {
    const from = inside();
    if (share) scrollBy({ left: from.x - innerWidth / 2, top: from.y - innerHeight * share, behavior: "instant" });
    const here = inside();
    if (!isOpen(here)) continue;
    if (request.guard) installGuard(null);
    return done({ point: here });
  }
  const last = inside();
  if (!isShown(last)) return done({ reason: `${describe(frame)} is outside of the window` });
  const hit = deepestAt(last);
  scrollTo({ left, top, behavior: "instant" });
  return done({ reason: `the frame is covered by ${hit ? describe(hit) : "something"}` });
}

// Fields whose typing depends on the language of the browser are set, as Playwright does.
function setValue(element) {
  const wanted = element.type === "color" ? request.value.toLowerCase() : request.value;
  const { get, set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  const before = get.call(element);
  element.focus();
  // The field's own setter: frameworks put one of theirs before it, which would hide the change from them.
  set.call(element, wanted);
  const taken = get.call(element);
  if (taken !== wanted && Number(taken) !== Number(wanted || NaN)) {
    set.call(element, before);
    const reason = `${describe(element)} does not take ${JSON.stringify(request.value)}: it takes ${TAKEN[element.type]}`;
    return done({ reasons: [{ reason, ms: 0 }], is_final: true });
  }
  tellOfInput(element);
  return done({ element, is_set: true });
}

// Characters that a driver types as keys (W3C WebDriver, section 17.4.2), or that press one.
const HAS_KEYS = /[\u0000-\u001f\u007f\ue000-\uf8ff]/;

// Puts a text in the place of what is selected, as an input method does: drivers need long for many keys. Pages that
// listen for keys hear the last one. Where a page says no to it, and in editors of pages, all is typed.
function fillText(element) {
  const hasKeys = HAS_KEYS.test(request.value);
  if (element.isContentEditable && !hasKeys) return done({ element, typed: request.value });
  const isOneLine = element instanceof HTMLInputElement;
  const text = isOneLine ? request.value.replace(/[\r\n]/g, "") : request.value;
  if (text === "") return done({ element });
  const before = element.value;
  const how = { key: [...text].at(-1), data: text, inputType: "insertText", bubbles: true, cancelable: true, composed: true };
  const tell = (Kind, type) => element.dispatchEvent(new Kind(type, how));
  // `execCommand` asks the page no more than that.
  const isAllowed = tell(KeyboardEvent, "keydown") && tell(InputEvent, "beforeinput");
  const isTaken = isAllowed && (document.execCommand("insertText", false, text) || element.value !== before);
  tell(KeyboardEvent, "keyup");
  return done(isTaken || hasKeys ? { element, is_set: true } : { element, typed: text });
}

const FILLED = Symbol.for("smokegate.filled");

// Which fields hold another text than was filled in. A page may well change a text or refuse it, so that is told only
// where something goes wrong, and the text itself never: it may be a part of a secret.
function tellAltered() {
  const altered = [];
  for (const [element, text] of window[FILLED] ?? []) {
    const [wanted, held] = [text, element.isContentEditable ? element.innerText : element.value].map(fold);
    if (!element.isConnected || held === wanted) continue;
    altered.push(`${describe(element)} holds another text than was filled in: ${held.length} characters, not ${wanted.length}`);
  }
  done({ altered });
}

function selectContent(element) {
  element.focus();
  if (element.isContentEditable) {
    getSelection().selectAllChildren(element);
  } else {
    element.select();
  }
}

// ---- The guard: an event that would hit something else is stopped ----

const GUARDED = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "auxclick", "dblclick"];
const GUARD = Symbol.for("smokegate.guard");

const isNative = (method) => Function.prototype.toString.call(method).includes("[native code]");

// A click that leads to another page cannot be asked about there: the guard says in the console that it hit.
function installGuard(element, click) {
  window[GUARD]?.remove();
  const guard = { pressed: false, clicked: false, strayed: false, blocked: null };
  const box = element?.getBoundingClientRect();
  const hasMoved = () => {
    const now = element.getBoundingClientRect();
    return element.isConnected && (now.x !== box.x || now.y !== box.y);
  };
  const watch = (event) => {
    if (!event.isTrusted || guard.clicked) return;
    const target = event.composedPath()[0];
    if (element && target instanceof Node && isInside(target, element)) {
      if (event.type === "mousedown" && click) console.debug(`smokegate.hit ${click}`);
      guard.pressed ||= event.type === "mousedown";
      guard.clicked = event.type === "click";
      return;
    }
    // What follows a press that hit is the page's own affair, unless the element has slipped away under the pointer.
    if (guard.pressed && !(event.type === "click" && hasMoved())) return;
    guard.strayed = guard.pressed;
    guard.blocked = target instanceof Element ? describe(target) : "the page";
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  guard.remove = () => GUARDED.forEach((type) => removeEventListener(type, watch, true));
  GUARDED.forEach((type) => addEventListener(type, watch, { capture: true, passive: false }));
  window[GUARD] = guard;
}

function removeGuard() {
  const guard = window[GUARD];
  guard?.remove();
  delete window[GUARD];
  const hit = guard && (guard.clicked || (guard.pressed && !guard.strayed));
  done({ hit: guard ? hit : null, blocked: guard?.blocked ?? null });
}

function attempt(work) {
  try {
    work();
  } catch (error) {
    done({ fault: String(error) });
  }
}

const OPERATIONS = {
  look: lookUntilItChanges,
  ready: waitUntilReady,
  unguard: removeGuard,
  around: lookAround,
  altered: tellAltered,
  verify,
  cover,
  uncover: () => done({ is_covered: uncover() }),
  hold,
  release,
};

// Some drivers go back to the page without a word when the frame that they were in is no more.
function isWhereItShouldBe() {
  let depth = 0;
  for (let one = window; one !== one.parent; one = one.parent) depth += 1;
  return depth === request.depth;
}

if (isWhereItShouldBe()) attempt(OPERATIONS[request.op]);
else done({ is_lost: true });
