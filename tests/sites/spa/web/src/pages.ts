// The pages that most visitors see.

import { addNote, findNote, listNotes } from "./api";
import type { Note } from "./api";

function makeElement(tag: string, text: string, attributes: Record<string, string> = {}): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  return element;
}

function makeLine(note: Note): HTMLElement {
  const line = document.createElement("li");
  line.append(makeElement("a", note.text, { href: `/notes/${note.id}` }));
  return line;
}

export async function showNotes(page: HTMLElement): Promise<void> {
  const list = makeElement("ul", "", { id: "notes" });
  const form = makeElement("form", "", { id: "new" }) as HTMLFormElement;
  const input = makeElement("input", "", { name: "text", placeholder: "Write a note" }) as HTMLInputElement;
  form.append(input, makeElement("button", "Keep"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (input.value.trim() !== "") {
      list.prepend(makeLine(await addNote(input.value)));
      form.reset();
    }
  });
  page.replaceChildren(makeElement("h1", "Notes"), form, list);
  list.append(...(await listNotes()).map(makeLine));
}

export async function showNote(page: HTMLElement, id: string): Promise<void> {
  const note = await findNote(id);
  page.replaceChildren(makeElement("h1", `Note ${note.id}`), makeElement("p", note.text, { id: "note" }));
}
