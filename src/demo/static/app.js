"use strict";

// Counts what is typed, and strikes items through that are done.
const input = document.querySelector("#id_new_item");
const count = document.querySelector(".count");
if (input && count) {
  const show = () => {
    const length = input.value.trim().length;
    count.textContent = length === 0 ? "" : `${length} characters`;
  };
  input.addEventListener("input", show);
  show();
}
for (const row of document.querySelectorAll("#id_list_table tr")) {
  row.addEventListener("click", () => row.classList.toggle("done"));
}
