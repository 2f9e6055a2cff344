import { join } from "node:path";

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import type { Api } from "../support/api.ts";
import { faultsOf } from "../support/checker.ts";
import { LOOKS, show } from "../support/pages.ts";
import { running } from "../support/running.ts";
import { type Desk, expect, test } from "../support/test.ts";

const SHOTS = join(import.meta.dirname, "../shots");
const THEMES = ["light", "dark"] as const;
const NARROW = [320, 360, 390];
const WIDE = 1440;

/** WCAG 2.2, 1.4.10: nothing is read by scrolling sideways. */
async function fits(page: Page): Promise<void> {
  for (const width of [...NARROW, WIDE]) {
    await page.setViewportSize({ width, height: 800 });
    const [whole, seen] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth] as const;
    });
    expect.soft(whole, `the page's width in a window of ${width} px`).toBeLessThanOrEqual(seen);
  }
}

/** The rules that judge colours, which are all that a theme changes. */
const RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"];

async function isAccessible(page: Page): Promise<void> {
  expect(page.frames(), "what axe does not look into").toHaveLength(1);
  for (const width of [390, WIDE]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      // Without legacy mode axe opens a blank page for every run, to look into frames.
      const axe = new AxeBuilder({ page }).setLegacyMode(true);
      if (colorScheme === "dark") axe.withRules(RULES_OF_COLOUR);
      const { violations, passes } = await axe.analyze();
      // It did look.
      expect(passes.length).toBeGreaterThan(colorScheme === "dark" ? 0 : 10);
      const found = violations.map(({ id, help, nodes }) => ({
        rule: `${id}: ${help}`,
        at: nodes.map(({ target, any }) => `${target.join(" ")} ${any[0]?.message ?? ""}`),
      }));
      expect.soft(found, `${colorScheme}, ${width} px`).toEqual([]);
    }
  }
}

async function takePictures(page: Page, name: string): Promise<void> {
  for (const width of [390, WIDE]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      // Without a graphics card Chromium now and then fails to paint once.
      await expect(async () => {
        const path = join(SHOTS, `${name}-${colorScheme}-${width}.png`);
        await page.screenshot({ path, fullPage: true, timeout: 10_000 });
      }).toPass({ timeout: 45_000 });
    }
  }
}

/** As it was sent, before script or the browser's own repairs. */
async function isValid(desk: Desk): Promise<void> {
  const html = (await desk.watch.document?.text()) ?? "";
  expect(html).toContain("</html>");
  expect.soft(await faultsOf(running().checker, html), "what the HTML checker says").toEqual([]);
}

async function look(desk: Desk, name: string): Promise<void> {
  await test.step("fits", () => fits(desk.page));
  if (!desk.hasScript) await test.step("is valid HTML", () => isValid(desk));
  // The checker runs in the page; what script adds to it is the only thing that can differ.
  if (!desk.hasScript) return;
  await test.step("is accessible", () => isAccessible(desk.page));
  // For people to look at.
  if (process.env.GROUPDESK_PICTURES) await test.step("has its picture taken", () => takePictures(desk.page, name));
}

for (const one of LOOKS) {
  test(`${one.name} fits every screen and hinders nobody`, async ({ desk, api }) => {
    await show(one, desk, api);
    await look(desk, one.name);
  });
}

const BY_SCRIPT: Record<string, (desk: Desk, api: Api) => Promise<void>> = {
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
  "group-news": async (desk, api) => {
    const workspaces = await api.workspaces(3);
    const group = await api.group("Pointed at", workspaces.slice(0, 2));
    const [, , comes] = workspaces;
    if (!comes) throw new Error("too few workspaces");
    await desk.signIn("ana");
    const heard = desk.page.waitForResponse((answer) => new URL(answer.url()).pathname === "/live");
    await desk.openGroup(group);
    await heard;
    await desk.page.getByRole("table").getByRole("link", { name: /^Remove / }).first().focus();
    await api.enroll(group, comes);
    await expect(desk.page.getByRole("button", { name: "Show it" })).toBeVisible();
  },
  "workspaces-picked": async (desk, api) => {
    await desk.signIn("ana", "/groups/new");
    for (const workspace of await api.workspaces(4)) await (await desk.find(workspace)).click();
    await expect(desk.page.getByRole("list", { name: "Picked workspaces" }).getByRole("listitem")).toHaveCount(4);
  },
};

for (const [name, prepare] of Object.entries(BY_SCRIPT)) {
  test(`${name} fits every screen and hinders nobody`, async ({ desk, api, javaScriptEnabled }) => {
    test.skip(!javaScriptEnabled, "only script shows it");
    await prepare(desk, api);
    await look(desk, name);
  });
}
