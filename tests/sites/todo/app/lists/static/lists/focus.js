// The visitor can type at once. The pages name this file with its integrity hash.
document.querySelector("#id_new_item").focus();
