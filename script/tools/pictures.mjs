// Takes the screenshots for the README from a running server. script/pictures runs this with the address of the server,
// the e-mail address of an admin and the output directory, and passes the password on standard input.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";

// Playwright is installed with the end-to-end tests and not below this file.
const require = createRequire(join(import.meta.dirname, "../../end2end/package.json"));
const { chromium } = require("@playwright/test");

const [url, email, directory] = process.argv.slice(2);
const password = (await text(process.stdin)).trim();

// The same browser and the same arguments as in end2end/playwright.config.ts.
const executablePath = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find(existsSync);
const args = ["--disable-gpu", "--no-first-run", "--disable-background-networking"];
if (process.getuid?.() === 0) args.push("--no-sandbox");

async function signIn(page) {
  await page.goto("/login");
  await page.locator("input[name=email]").fill(email);
  await page.locator("input[name=password]").fill(password);
  await page.locator("input[name=password]").press("Enter");
  await page.waitForURL((address) => address.pathname !== "/login");
}

/** Opens the group that is listed last on the first page, which is old enough to contain workspaces. */
async function openGroup(page) {
  await page.goto("/groups");
  const links = page.locator('main a[href^="/groups/"]');
  const paths = await links.evaluateAll((found) => found.map((link) => link.pathname));
  const path = paths.filter((one) => /^\/groups\/[0-9a-f-]{36}$/.test(one)).at(-1);
  if (path === undefined) throw new Error("the list of groups is empty");
  await page.goto(path);
}

/** Enrolls a workspace. It types repeatedly, because the script starts some time after the page is shown. */
async function enrollOne(page) {
  const field = page.locator("main").getByRole("combobox").first();
  const option = page.locator("main").getByRole("option", { disabled: false }).first();
  for (let attempt = 0; ; attempt += 1) {
    await field.fill("");
    await field.fill("and");
    const isShown = await option.waitFor({ timeout: 3_000 }).then(() => true, () => false);
    if (isShown) break;
    if (attempt === 15) throw new Error("the search for workspaces shows no option");
    await pause(500);
  }
  await option.click();
  await page.getByRole("button", { name: "Undo" }).waitFor();
}

const browser = await chromium.launch({ executablePath, args });
try {
  const page = await browser.newPage({
    baseURL: url,
    viewport: { width: 1120, height: 700 },
    colorScheme: "light",
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
  });
  await signIn(page);
  await openGroup(page);
  await enrollOne(page);
  // The pointer must not hover over an element, because that changes its appearance.
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(directory, "group.png"), animations: "disabled", caret: "hide" });
} finally {
  await browser.close();
}
