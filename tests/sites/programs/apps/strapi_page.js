// Sends Strapi's first page: the template in its package, with what its middleware (dist/middlewares/public) fills in.
const fs = require("node:fs");
const http = require("node:http");
const lodash = require("lodash");

const index = fs.readFileSync("package/dist/middlewares/public/index.html", "utf8");
const { version } = JSON.parse(fs.readFileSync("package/package.json", "utf8"));
const config = {
  info: { name: "site", version },
  admin: { url: "/admin" },
  server: { url: "" },
  environment: "production",
  serveAdminPanel: true,
};
const serverTime = new Date().toUTCString();
const content = lodash.template(index)({ serverTime, isInitialized: true, strapi: { config } });
const server = http.createServer((request, response) => {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.setHeader("X-Powered-By", "Strapi <strapi.io>");
  response.end(content);
});
server.listen(Number(process.argv[2]), "127.0.0.1");
