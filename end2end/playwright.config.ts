import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// The system's Chromium is preferred to the one that Playwright installs. The headless shell comes first, because it is
// twice as fast; it is also Playwright's own default.
const chromium = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find(existsSync);
const args = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
// Chromium cannot set up its sandbox as root.
if (process.getuid?.() === 0) args.unshift("--no-sandbox");

export default defineConfig({
  testDir: "journeys",
  globalSetup: "./support/server.ts",
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  workers: 2,
  // A test that passes on the second attempt has found a fault, too.
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
    // Recording a trace takes a quarter of the time. Run a failed test again with --trace on.
    trace: "off",
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "javascript", use: { javaScriptEnabled: true } },
    { name: "no-javascript", use: { javaScriptEnabled: false } },
  ],
});
