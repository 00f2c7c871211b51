// Leads each address to its page; links within the site do not load it again.

import "./site.css";
import { showNote, showNotes } from "./pages";

const page = document.querySelector<HTMLElement>("#page")!;

async function show(path: string): Promise<void> {
  const note = /^\/notes\/(\d+)$/.exec(path);
  if (path === "/about") {
    (await import("./about")).showAbout(page);
  } else if (note) {
    await showNote(page, note[1]);
  } else {
    await showNotes(page);
  }
}

document.addEventListener("click", (event) => {
  const link = (event.target as HTMLElement).closest("a");
  if (link && link.origin === location.origin) {
    event.preventDefault();
    history.pushState(null, "", link.pathname);
    void show(link.pathname);
  }
});
window.addEventListener("popstate", () => void show(location.pathname));
void show(location.pathname);
