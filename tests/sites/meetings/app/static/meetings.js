// Sends the form as JSON, reads the meeting back by its code, and shows what was found.
const form = document.querySelector("#meeting");
const answer = document.querySelector("#answer");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { title, day } = Object.fromEntries(new FormData(form));
  const added = await fetch("/v1/mysql/meetings", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title, day: day || null }),
  });
  if (!added.ok) {
    answer.textContent = `That did not work (${added.status}).`;
    return;
  }
  const { url_code } = await added.json();
  const found = await (await fetch(`/v1/mysql/meetings/${url_code}`)).json();
  answer.textContent = `${found.title}: ${location.origin}/m/${found.url_code}`;
  answer.dataset.code = found.url_code;
});
