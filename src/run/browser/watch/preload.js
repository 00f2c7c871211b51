(tell) => {
  // Browsers ask for images by https where the page says http: what the page says is told.
  const addressOf = (element) => {
    const written = element.src || element.href || element.data || "";
    return /^http:/.test(written) ? written : element.currentSrc || written;
  };
  const placeIn = (stack) => /(https?:\/\/[^\s()]+:\d+:\d+)/.exec(stack ?? "")?.[1] ?? "";
  const placeOf = (file, line, column) => (/^https?:/.test(file ?? "") ? `${file}:${line}:${column}` : "");
  const say = (what) => tell(JSON.stringify(what));
  const textOf = (value) => {
    try {
      return String(value);
    } catch {
      return "";
    }
  };
  addEventListener("error", (event) => {
    const target = event.target;
    if (target instanceof Element) {
      const url = addressOf(target);
      const entry = performance.getEntriesByName(url, "resource").at(-1);
      const mediaType = (entry?.contentType ?? "").split(";")[0].trim().toLowerCase();
      const hasIntegrity = Boolean(target.integrity);
      say({ kind: "load", tag: target.localName, url, hasIntegrity, status: entry?.responseStatus || null, mediaType });
    } else if (target === window) {
      const place = placeOf(event.filename, event.lineno, event.colno);
      say({ kind: "exception", text: textOf(event.message), place });
    }
  }, true);
  addEventListener("unhandledrejection", (event) => {
    say({ kind: "exception", text: textOf(event.reason), place: placeIn(event.reason?.stack) });
  }, true);
  // WHATWG HTML, 7.2.7: told before the browser has asked for the other document, and before the page answers anything.
  globalThis.navigation?.addEventListener("navigate", (event) => {
    const { sameDocument, url } = event.destination;
    if (window !== top || sameDocument || event.downloadRequest !== null || !/^https?:/.test(url)) {
      return;
    }
    // The page may still keep it, or show it itself.
    setTimeout(() => {
      const isOwn = event.defaultPrevented || navigation.transition || location.href === url;
      if (!isOwn || event.navigationType === "reload") {
        say({ kind: "leaving" });
      }
    }, 0);
  });
  document.addEventListener("securitypolicyviolation", (event) => {
    if (event.disposition === "enforce") {
      const place = placeOf(event.sourceFile, event.lineNumber, event.columnNumber);
      say({ kind: "csp", directive: event.effectiveDirective, url: event.blockedURI, place });
    }
  }, true);
}
