// Who writes a title sees how much room is left.
const title = document.querySelector("input[name=title]");
title?.addEventListener("input", () => {
  title.title = `${title.maxLength - title.value.length} letters left`;
});
