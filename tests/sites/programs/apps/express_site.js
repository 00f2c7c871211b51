// An Express site whose pages fail; packages are those beside `node_modules`.
const express = require("express");
const cookies = require("cookie-parser");
const csurf = require("csurf");
const listing = require("serve-index");

const app = express();
app.get("/", (request, response) => response.send("<title>Home</title><h1>Home</h1>"));
app.get("/value", () => {
  throw new Error("bad value");
});
app.get("/package", () => require("left-pad-of-nobody"));
app.get("/mysql", async () => {
  const { createConnection } = require("mysql2/promise");
  await createConnection({ host: "127.0.0.1", port: 3306, user: "app", database: "site" });
});
app.get("/postgresql", async () => {
  const { Client } = require("pg");
  await new Client({ host: "127.0.0.1", port: 5432, user: "app", database: "site" }).connect();
});
app.post("/form", cookies(), csurf({ cookie: true }), (request, response) => response.send("done"));
app.use("/files", express.static("root"), listing("root"));
app.listen(Number(process.argv[2]), "127.0.0.1");
