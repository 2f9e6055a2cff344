import type { Route } from "@playwright/test";

import { InputMethod } from "../support/input-method.ts";
import { expect, test } from "../support/test.ts";

test("the search in the bar finds a group, a workspace and a person", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Searched for");
  await desk.signIn("sam");
  await desk.searchEverything("searched for");
  if (desk.hasScript) {
    await page.getByRole("dialog").getByRole("option").filter({ hasText: group.name }).click();
  } else {
    await expect(page).toHaveURL("/search?q=searched+for");
    await page.getByRole("link", { name: group.name }).click();
  }
  await expect(desk.heading).toHaveText(group.name);

  await page.goto(`/search?q=${encodeURIComponent(workspace.name)}`);
  await expect(page.getByRole("link", { name: workspace.name, exact: true })).toHaveAttribute(
    "href",
    `/workspaces/${workspace.id}`,
  );
  await page.goto("/search?q=lima");
  await expect(page.getByRole("heading", { name: "People" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Ana Lima" })).toBeVisible();
});

test("a pasted id opens the page of the resource", async ({ page, desk, api }) => {
  const group = await api.group("Pasted");
  await desk.signIn("sam");
  await desk.searchEverything(group.id);
  if (desk.hasScript) {
    await expect(page.getByRole("dialog").getByRole("option", { selected: true })).toContainText(group.name);
    await page.keyboard.press("Enter");
  }
  await expect(page).toHaveURL(`/groups/${group.id}`);
  await expect(desk.heading).toHaveText(group.name);
});

test.describe("the palette", () => {
  test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, "without JavaScript there is the search in the bar");

  test("opens by a shortcut, filters, and opens the selected page", async ({ page, desk, api }) => {
    const group = await api.group("Jumped to");
    await desk.signIn("sam");
    const options = page.getByRole("listbox", { name: "Results" }).getByRole("option");
    await desk.openPalette();
    await expect(options.filter({ hasText: "Audit" })).toBeVisible();
    await page.keyboard.type("jumped");
    await expect(options).toHaveCount(1);
    await expect(options.first()).toContainText(group.name);
    await expect(options.first()).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`/groups/${group.id}`);
  });

  test("opens in a browser that is never idle", async ({ page, desk }) => {
    await page.addInitScript(() => {
      window.requestIdleCallback = () => 0;
    });
    await desk.signIn("sam");
    await desk.openPalette();
  });

  test("lists the pages and returns the focus after Escape", async ({ page, desk }) => {
    await desk.signIn("ana");
    const link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Groups" });
    const dialog = page.getByRole("dialog", { name: "Go to" });
    await expect(async () => {
      await link.focus();
      await page.keyboard.press("Control+k");
      await expect(dialog).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 45_000 });
    await expect(dialog.getByRole("option").first()).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(link).toBeFocused();

    await page.keyboard.press("Meta+k");
    await expect(dialog).toBeVisible();
    await expect(dialog.getByRole("option").filter({ hasText: "Operators" })).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(dialog.getByRole("option").nth(1)).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL("/groups");
  });

  test("opens from the field of the bar, also on a phone, and Escape closes it back to the field", async ({ page, desk }) => {
    await page.setViewportSize({ width: 390, height: 800 });
    await desk.signIn("sam");
    const dialog = page.getByRole("dialog", { name: "Go to" });
    await desk.searchEverything("aud");
    await expect(dialog.getByRole("option").filter({ hasText: "Audit" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    const box = page.getByRole("searchbox", { name: "Search everything" });
    await expect(box).toBeFocused();
    await box.click();
    await expect(dialog).toBeVisible();
    await page.keyboard.press("Escape");

    // Tab only passes the field, and typing opens the palette with what was typed.
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Tab");
    await expect(box).toBeFocused();
    await expect(dialog).toBeHidden();
    await page.keyboard.type("aud");
    await expect(dialog.getByRole("combobox")).toHaveValue("aud");
    await expect(dialog.getByRole("option", { selected: true })).toContainText("Audit");
  });

  test("opens on every keyboard layout, and with Caps Lock", async ({ page, desk }) => {
    await desk.signIn("sam");
    const dialog = page.getByRole("dialog", { name: "Go to" });
    await desk.openPalette();
    await page.keyboard.press("Escape");
    const press = async (key: string, code: string, modifiers: KeyboardEventInit = {}) => {
      const init = { key, code, ctrlKey: true, bubbles: true, cancelable: true, ...modifiers };
      await page.evaluate((init) => document.body.dispatchEvent(new KeyboardEvent("keydown", init)), init);
    };
    await press("t", "KeyK");
    await press("k", "KeyK", { altKey: true });
    await press("K", "KeyK", { shiftKey: true });
    await press("k", "KeyK", { isComposing: true });
    await expect(dialog).toBeHidden();
    // Caps Lock, Dvorak, Cyrillic, Greek, Hebrew.
    for (const [key, code] of [["K", "KeyK"], ["k", "KeyV"], ["л", "KeyK"], ["κ", "KeyK"], ["ל", "KeyK"]] as const) {
      await press(key, code);
      await expect(dialog, `${key} at ${code}`).toBeVisible();
      await page.keyboard.press("Escape");
      await expect(dialog).toBeHidden();
    }
  });

  test("ignores the key that ends a composition", async ({ page, desk }) => {
    await desk.signIn("ana");
    const dialog = page.getByRole("dialog", { name: "Go to" });
    await desk.openPalette();
    const method = await InputMethod.of(page);
    await method.compose("audit");
    const found = dialog.getByRole("option", { selected: true });
    await expect(found).toContainText("Audit");
    await method.press("Enter");
    await method.end("audit");
    await method.press("Enter", 229);
    await expect(found).toContainText("Audit");
    await expect(page).toHaveURL("/groups");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL("/audit");
  });

  test("submits the search when nothing matches", async ({ page, desk }) => {
    await desk.signIn("sam");
    const field = await desk.openPalette();
    await field.fill("no such thing");
    await expect(page.getByRole("dialog")).toContainText("Nothing matches “no such thing”.");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL("/search?q=no+such+thing");
    await expect(desk.main).toContainText("Nothing found");
  });

  test("reports errors and recovers from them", async ({ page, desk, api, watch }) => {
    const group = await api.group("Reached again");
    watch.expect(502, "/api/fn/search-read");
    watch.expect(503, "/api/fn/search-read");
    watch.expect(401, "/api/fn/search-read");
    await desk.signIn("sam");
    const field = await desk.openPalette();
    const unreachable = "The desk could not be reached. Check the connection and try again.";
    const answers: [string, (route: Route) => Promise<void>][] = [
      [unreachable, (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" })],
      [
        "The desk is not available at the moment. Try again shortly.",
        (route) => route.fulfill({ status: 503, contentType: "text/html", body: "<h1>Away</h1>" }),
      ],
      [
        "Your session has ended.",
        (route) => route.fulfill({ status: 401, json: { sentence: "Your session has ended." } }),
      ],
      [unreachable, (route) => route.fulfill({ status: 200, contentType: "application/json", body: '[{"kind":1}]' })],
    ];
    for (const [number, [sentence, answer]] of answers.entries()) {
      await page.route("**/api/fn/search-read", answer);
      const answered = page.waitForResponse("**/api/fn/search-read");
      await field.fill(`reached ${number}`);
      await answered;
      await expect(page.getByRole("dialog").getByRole("status")).toHaveText(sentence);
      await page.unroute("**/api/fn/search-read");
    }
    await field.fill("reached again");
    await expect(page.getByRole("dialog").getByRole("option")).toContainText([group.name]);
  });
});
