// Few visitors see this page: it is a bundle of its own, loaded when it is asked for.

export function showAbout(page: HTMLElement): void {
  page.innerHTML = "<h1>About</h1><p>Notes are kept in PostgreSQL, and shown in Málaga.</p>";
}
