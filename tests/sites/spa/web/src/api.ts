// What the site knows of its API.

export interface Note {
  id: number;
  text: string;
}

async function ask<T>(path: string, request?: RequestInit): Promise<T> {
  const answer = await fetch(`/api/notes${path}`, request);
  if (!answer.ok) {
    throw new Error(`the API answers ${answer.status}`);
  }
  return answer.json() as Promise<T>;
}

export const listNotes = (): Promise<Note[]> => ask("");

export const findNote = (id: string): Promise<Note> => ask(`/${id}`);

export const addNote = (text: string): Promise<Note> =>
  ask("", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text }) });
