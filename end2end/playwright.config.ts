import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// Where the system has a Chromium of its own it is used, else the one Playwright brings. First the one
// without a window to draw, which Playwright takes by itself too: it is twice as quick.
const chromium = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find(existsSync);
const args = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
// Chromium's sandbox cannot be set up by root.
if (process.getuid?.() === 0) args.unshift("--no-sandbox");

export default defineConfig({
  testDir: "journeys",
  globalSetup: "./support/server.ts",
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  workers: 2,
  // A test that passes the second time has found something, too.
  retries: 0,
  reporter: "list",
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    browserName: "chromium",
    launchOptions: {
      args,
      executablePath: chromium,
    },
    locale: "en-GB",
    timezoneId: "UTC",
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    // Recording takes a quarter of the time; what failed is run again with --trace on.
    trace: "off",
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "javascript", use: { javaScriptEnabled: true } },
    { name: "no-javascript", use: { javaScriptEnabled: false } },
  ],
});
