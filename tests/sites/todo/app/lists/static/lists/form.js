// An error goes away as soon as the visitor types.
document.querySelector("#id_new_item").addEventListener("input", () => {
  document.querySelectorAll(".has-error").forEach((error) => error.remove());
});
