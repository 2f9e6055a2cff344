import { join } from "node:path";

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import type { Api } from "../support/api.ts";
import { htmlErrors } from "../support/checker.ts";
import { openState, PAGE_STATES } from "../support/pages.ts";
import { running } from "../support/running.ts";
import { type Desk, expect, test } from "../support/test.ts";

const SCREENSHOTS = join(import.meta.dirname, "../shots");
const THEMES = ["light", "dark"] as const;
const NARROW = [320, 360, 390];
const WIDE = 1440;

/** WCAG 2.2, 1.4.10 (Reflow): reading requires no horizontal scrolling. */
async function expectReflow(page: Page): Promise<void> {
  for (const width of [...NARROW, WIDE]) {
    await page.setViewportSize({ width, height: 800 });
    const [contentWidth, viewportWidth] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth] as const;
    });
    expect.soft(contentWidth, `the width of the page in a window of ${width} px`).toBeLessThanOrEqual(viewportWidth);
  }
}

/** The rules about colours. A theme changes nothing else, so the dark theme is checked with these rules only. */
const COLOR_RULES = ["color-contrast", "link-in-text-block"];

async function expectAccessible(page: Page): Promise<void> {
  expect(page.frames(), "the number of frames, because axe checks the main frame only").toHaveLength(1);
  for (const width of [390, WIDE]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      // Legacy mode avoids the blank page that axe otherwise opens for every run to check frames.
      const axe = new AxeBuilder({ page }).setLegacyMode(true);
      if (colorScheme === "dark") axe.withRules(COLOR_RULES);
      const { violations, passes } = await axe.analyze();
      // A run that evaluated no rules would find no violations either.
      expect(passes.length).toBeGreaterThan(colorScheme === "dark" ? 0 : 10);
      const found = violations.map(({ id, help, nodes }) => ({
        rule: `${id}: ${help}`,
        at: nodes.map(({ target, any }) => `${target.join(" ")} ${any[0]?.message ?? ""}`),
      }));
      expect.soft(found, `${colorScheme}, ${width} px`).toEqual([]);
    }
  }
}

async function takeScreenshots(page: Page, name: string): Promise<void> {
  for (const width of [390, WIDE]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      // Chromium occasionally fails to paint without a graphics card.
      await expect(async () => {
        const path = join(SCREENSHOTS, `${name}-${colorScheme}-${width}.png`);
        await page.screenshot({ path, fullPage: true, timeout: 10_000 });
      }).toPass({ timeout: 45_000 });
    }
  }
}

/** Checks the HTML of the response, because the browser repairs invalid HTML in its document. */
async function expectValidHtml(desk: Desk): Promise<void> {
  const html = (await desk.watch.document?.text()) ?? "";
  expect(html).toContain("</html>");
  expect.soft(await htmlErrors(running().checker, html), "errors of the HTML checker").toEqual([]);
}

async function inspect(desk: Desk, name: string): Promise<void> {
  await test.step("fits every width", () => expectReflow(desk.page));
  if (!desk.hasScript) await test.step("is valid HTML", () => expectValidHtml(desk));
  // The page with JavaScript contains everything that the page without JavaScript contains, and axe needs JavaScript.
  if (!desk.hasScript) return;
  await test.step("is accessible", () => expectAccessible(desk.page));
  // The screenshots are for review by people. Nothing compares them.
  if (process.env.GROUPDESK_PICTURES) await test.step("take screenshots", () => takeScreenshots(desk.page, name));
}

for (const state of PAGE_STATES) {
  test(`${state.name} fits every screen and is accessible`, async ({ desk, api }) => {
    await openState(state, desk, api);
    await inspect(desk, state.name);
  });
}

/** The states that exist only with JavaScript. */
const SCRIPT_STATES: Record<string, (desk: Desk, api: Api) => Promise<void>> = {
  "list-open": async (desk, api) => {
    await desk.signIn("ana", `/groups/${(await api.group("Open list")).id}`);
    await desk.find(await api.workspace());
    await desk.picker.fill("e");
    await expect(desk.options).toHaveCount(8);
    await desk.page.keyboard.press("ArrowDown");
    await expect(desk.page.getByRole("option", { selected: true })).toHaveCount(1);
  },
  "list-already-in": async (desk, api) => {
    const workspace = await api.workspace();
    await desk.signIn("ana", `/groups/${(await api.group("Already in", [workspace])).id}`);
    await desk.find(workspace);
  },
  palette: async (desk) => {
    await desk.signIn("ana");
    await (await desk.openPalette()).fill("em");
    await expect(desk.page.getByRole("option", { selected: true })).toHaveCount(1);
  },
  "group-live-update": async (desk, api) => {
    const workspaces = await api.workspaces(3);
    const group = await api.group("Pointed at", workspaces.slice(0, 2));
    const [, , added] = workspaces;
    if (!added) throw new Error("too few workspaces");
    await desk.signIn("ana");
    const subscribed = desk.page.waitForResponse((answer) => new URL(answer.url()).pathname === "/live");
    await desk.openGroup(group);
    await subscribed;
    await desk.page.getByRole("table").getByRole("button", { name: /^Remove / }).first().focus();
    await api.enroll(group, added);
    await expect(desk.page.getByRole("button", { name: "Show", exact: true })).toBeVisible();
  },
  "workspaces-picked": async (desk, api) => {
    await desk.signIn("ana", "/groups/new");
    for (const workspace of await api.workspaces(4)) await (await desk.find(workspace)).click();
    await expect(desk.page.getByRole("list", { name: "Selected workspaces" }).getByRole("listitem")).toHaveCount(4);
  },
};

for (const [name, prepare] of Object.entries(SCRIPT_STATES)) {
  test(`${name} fits every screen and is accessible`, async ({ desk, api, javaScriptEnabled }) => {
    test.skip(!javaScriptEnabled, "this state needs JavaScript");
    await prepare(desk, api);
    await inspect(desk, name);
  });
}
