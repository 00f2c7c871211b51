// Playwright Test as its own starter sets it up, with the Chromium that the others use.
const { defineConfig } = require("@playwright/test");

module.exports = defineConfig({
  testDir: __dirname,
  testMatch: "scenarios.spec.js",
  fullyParallel: true,
  reporter: "line",
  outputDir: process.env.PEER_OUTPUT,
  use: {
    baseURL: process.env.PEER_URL,
    viewport: { width: 1024, height: 768 },
    launchOptions: { executablePath: process.env.PEER_CHROMIUM, args: ["--no-sandbox"] },
  },
});
