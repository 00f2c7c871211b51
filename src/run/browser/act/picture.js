// What is done to a page while its picture is taken: elements are covered, and what moves by itself is held still.

// ---- Covering what changes or must not be seen ----

const COVERS = Symbol.for("smokegate.covers");
const COVER_COLOUR = "#ff00ff";

function coverAll() {
  uncover();
  const layer = document.createElement("div");
  const style = (element, rules) =>
    Object.entries({ all: "initial", ...rules }).forEach(([name, rule]) => element.style.setProperty(name, rule, "important"));
  style(layer, { position: "absolute", left: "0", top: "0", width: "0", height: "0", overflow: "visible", "z-index": "2147483647" });
  const elements = new Set(request.locators.flatMap(find).filter(isVisible));
  for (const element of elements) {
    for (const { left, top, width, height } of boxesOf(element)) {
      const box = document.createElement("div");
      style(box, {
        position: "absolute", left: `${left + scrollX}px`, top: `${top + scrollY}px`, width: `${width}px`,
        height: `${height}px`, background: COVER_COLOUR,
      });
      layer.append(box);
    }
  }
  document.documentElement.append(layer);
  window[COVERS] = layer;
  showOnTop(layer);
  // Where the page's own placing moves the layer, the boxes follow.
  const origin = layer.getBoundingClientRect();
  layer.style.setProperty("transform", `translate(${-origin.left - scrollX}px, ${-origin.top - scrollY}px)`, "important");
}

const boxesOf = (element) => {
  if (getComputedStyle(element).display === "contents") return [...element.children].filter(isVisible).flatMap(boxesOf);
  return [element.getBoundingClientRect()];
};

// Over open dialogs, too.
function showOnTop(layer) {
  if (typeof layer.showPopover !== "function") return;
  layer.popover = "manual";
  layer.showPopover();
}

// Gives back whether everything was covered until now.
function uncover() {
  const layer = window[COVERS];
  const wasThere = layer?.isConnected === true;
  layer?.remove();
  delete window[COVERS];
  return wasThere;
}

function cover() {
  coverAll();
  nextFrame(() => nextFrame(() => done({ is_covered: true })));
}

// ---- Holding still what moves by itself ----

const STILLNESS = Symbol.for("smokegate.stillness");
const STILL_STYLE = "*, *::before, *::after { caret-color: transparent !important; scroll-behavior: auto !important }";
// How many milliseconds fonts may take.
const FONTS_LIMIT = 2000;

// Animations that come to an end are at their end, others at their beginning; carets are not seen. May be repeated.
function hold() {
  const still = (window[STILLNESS] ??= { animations: new Map(), drawings: new Map(), sheet: new CSSStyleSheet() });
  still.sheet.replaceSync(STILL_STYLE);
  for (const root of roots()) {
    if (!root.adoptedStyleSheets.includes(still.sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, still.sheet];
    for (const animation of root.getAnimations()) holdAnimation(still, animation);
  }
  for (const drawing of everywhere("svg")) holdDrawing(still, drawing);
  if (request.locators.length > 0) coverAll();
  const fonts = document.fonts?.ready ?? Promise.resolve();
  const limit = new Promise((resolve) => setTimeout(resolve, FONTS_LIMIT));
  Promise.race([fonts, limit]).then(() => nextFrame(() => nextFrame(() => done({ is_covered: true }))));
}

function holdAnimation(still, animation) {
  // Those that follow the scrolling stand still by themselves.
  if (still.animations.has(animation) || typeof animation.currentTime !== "number") return;
  if (animation.playState === "finished") return;
  const end = animation.effect?.getComputedTiming().endTime;
  if (Number.isFinite(end) && animation.playbackRate !== 0) return animation.finish();
  still.animations.set(animation, { time: animation.currentTime, isRunning: animation.playState === "running" });
  animation.pause();
  animation.currentTime = 0;
}

function holdDrawing(still, drawing) {
  if (still.drawings.has(drawing) || drawing.ownerSVGElement || drawing.animationsPaused()) return;
  still.drawings.set(drawing, drawing.getCurrentTime());
  drawing.pauseAnimations();
  drawing.setCurrentTime(0);
}

// Everything goes on where it was. Gives back whether it was held until now.
function release() {
  const still = window[STILLNESS];
  const isCovered = uncover();
  delete window[STILLNESS];
  if (!still) return done({ is_covered: false });
  for (const root of roots()) {
    root.adoptedStyleSheets = [...root.adoptedStyleSheets].filter((sheet) => sheet !== still.sheet);
  }
  for (const [animation, { time, isRunning }] of still.animations) {
    animation.currentTime = time;
    if (isRunning) animation.play();
  }
  for (const [drawing, time] of still.drawings) {
    drawing.setCurrentTime(time);
    drawing.unpauseAnimations();
  }
  return done({ is_covered: isCovered || request.locators.length === 0 });
}
