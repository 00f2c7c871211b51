// Looking at the page: its text, the elements that were asked for, how fast it came.

const TEXT_LIMIT = 200_000;
const HTML_LIMIT = 1_048_576;
const ELEMENT_LIMIT = 50;
const ELEMENT_TEXT_LIMIT = 10_000;

function stateOf(element, { attributes, styles, accessible, overlaps }) {
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const pick = (names, read) => {
    const pairs = names.map((name) => [name, read(name)]);
    return Object.fromEntries(pairs.filter(([, value]) => value !== null && value !== ""));
  };
  const isCheckable = /^(checkbox|radio)$/.test(element.type ?? "") || element.tagName === "OPTION";
  return {
    tag: describe(element),
    text: fold(element.innerText ?? element.textContent).slice(0, ELEMENT_TEXT_LIMIT),
    value: typeof element.value === "string" && isControl(element) ? element.value : null,
    attributes: Object.fromEntries(
      attributes.map((name) => [name, element.getAttribute(name)]).filter(([, value]) => value !== null),
    ),
    style: pick(styles, (name) => style.getPropertyValue(name)),
    visible: isVisible(element),
    enabled: isEnabled(element),
    checked: isCheckable ? (element.checked ?? element.selected) : null,
    focused: element.getRootNode().activeElement === element,
    x: round(box.x),
    y: round(box.y),
    width: round(box.width),
    height: round(box.height),
    in_viewport: shareInViewport(element, box),
    overlaps: pick(overlaps.map((other) => other.written), (written) =>
      overlapsOther(element, overlaps.find((other) => other.written === written)),
    ),
    role: accessible ? roleOf(element) || null : null,
    name: accessible ? nameOf(element) : null,
  };
}

const isControl = (element) => /^(INPUT|TEXTAREA|SELECT|BUTTON|OPTION|OUTPUT)$/.test(element.tagName);

// ---- Layout ----

const parentOf = (element) => element.assignedSlot ?? element.parentElement ?? element.getRootNode().host ?? null;

// The part of an element's rectangle that the window shows, from 0 to 1, after everything that scrolls or cuts off.
function shareInViewport(element, box) {
  if (!isVisible(element) || box.width === 0 || box.height === 0) return 0;
  const seen = { left: Math.max(0, box.left), top: Math.max(0, box.top) };
  seen.right = Math.min(innerWidth, box.right);
  seen.bottom = Math.min(innerHeight, box.bottom);
  let { position } = getComputedStyle(element);
  for (let above = parentOf(element); above && position !== "fixed"; above = parentOf(above)) {
    // What the root cuts off, the window does (CSS Overflow 3, section 3.3).
    if (above === document.body || above === document.documentElement) break;
    const style = getComputedStyle(above);
    // Only its containing block and what is above that cuts an absolutely placed element off.
    if (position === "absolute" && style.position === "static") continue;
    position = style.position;
    const outer = above.getBoundingClientRect();
    const [left, top] = [outer.left + above.clientLeft, outer.top + above.clientTop];
    if (style.overflowX !== "visible") {
      seen.left = Math.max(seen.left, left);
      seen.right = Math.min(seen.right, left + above.clientWidth);
    }
    if (style.overflowY !== "visible") {
      seen.top = Math.max(seen.top, top);
      seen.bottom = Math.min(seen.bottom, top + above.clientHeight);
    }
  }
  const [width, height] = [Math.max(0, seen.right - seen.left), Math.max(0, seen.bottom - seen.top)];
  return Math.round((10_000 * width * height) / (box.width * box.height)) / 10_000;
}

// Less than this is two elements that lie side by side, at fractions of pixels.
const OVERLAP = 0.1;

// Whether an element and one of those that another locator matches have pixels in common; `null` if there is none.
function overlapsOther(element, locator) {
  const others = find(locator).filter((other) => other !== element && isVisible(other));
  if (others.length === 0) return null;
  const own = element.getBoundingClientRect();
  return others.some((other) => {
    const box = other.getBoundingClientRect();
    const width = Math.min(own.right, box.right) - Math.max(own.left, box.left);
    const height = Math.min(own.bottom, box.bottom) - Math.max(own.top, box.top);
    return width > OVERLAP && height > OVERLAP;
  });
}

// ---- Speed ----

// All entries of a type so far; `null` if this browser has none of that type.
function performanceEntries(type) {
  if (!PerformanceObserver.supportedEntryTypes.includes(type)) return null;
  const observer = new PerformanceObserver(() => {});
  observer.observe({ type, buffered: true });
  const entries = observer.takeRecords();
  observer.disconnect();
  return entries;
}

// The worst burst of layout shifts that nobody caused: gaps of less than 1 s, 5 s at most (Web Vitals, "CLS").
function worstBurst(shifts) {
  let [worst, sum, first, last] = [0, 0, -Infinity, -Infinity];
  for (const { value, startTime, hadRecentInput } of shifts) {
    if (hadRecentInput) continue;
    const isSameBurst = startTime - last < 1000 && startTime - first < 5000;
    [sum, first, last] = isSameBurst ? [sum + value, first, startTime] : [value, startTime, startTime];
    worst = Math.max(worst, sum);
  }
  return Math.round(worst * 10_000) / 10_000;
}

function speedOf() {
  const navigation = performance.getEntriesByType("navigation")[0];
  const paints = performanceEntries("paint");
  const largest = performanceEntries("largest-contentful-paint");
  const shifts = performanceEntries("layout-shift");
  const observed = { first_paint: paints, largest_paint: largest, layout_shift: shifts };
  return {
    first_byte_ms: navigation?.responseStart || null,
    first_paint_ms: paints?.find((entry) => entry.name === "first-contentful-paint")?.startTime ?? null,
    largest_paint_ms: largest?.at(-1)?.startTime ?? null,
    layout_shift: shifts && worstBurst(shifts),
    load_ms: navigation?.loadEventEnd || null,
    unobservable: Object.keys(observed).filter((name) => observed[name] === null),
  };
}

// ---- The whole ----

function look() {
  const elements = request.queries.map((query) => {
    const found = find(query.locator);
    const states = found.slice(0, ELEMENT_LIMIT).map((element) => stateOf(element, query));
    return { locator: query.locator.written, count: found.length, elements: states };
  });
  const text = (document.body?.innerText ?? "").slice(0, TEXT_LIMIT);
  return { url: location.href, title: document.title, text, elements, speed: speedOf() };
}

// cyrb53: small, and good enough to tell one look from the next.
function hash(text) {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return String(4294967296 * (2097151 & low) + (high >>> 0));
}

function whole(state) {
  const navigation = performance.getEntriesByType("navigation")[0];
  return {
    ...state,
    status: navigation?.responseStatus || null,
    is_complete: document.readyState === "complete",
    is_error_page: isErrorPage(),
    html: (document.documentElement?.outerHTML ?? "").slice(0, HTML_LIMIT),
    viewport: [innerWidth, innerHeight],
  };
}

function lookUntilItChanges() {
  const end = performance.now() + request.budget;
  const again = () => {
    const started = performance.now();
    const state = look();
    const print = hash(JSON.stringify(state));
    if (print !== request.known || performance.now() >= end) return done({ state: whole(state), print });
    return nextLook(again, started, end);
  };
  again();
}
