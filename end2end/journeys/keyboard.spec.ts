import { InputMethod } from "../support/input-method.ts";
import { expect, test } from "../support/test.ts";

test("the first Tab offers to skip to the content", async ({ page, desk, api }) => {
  const group = await api.group("Skipped to");
  await desk.signIn("ana", `/groups/${group.id}`);
  await page.goto(`/groups/${group.id}`);
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).not.toBeInViewport();
  await page.keyboard.press("Tab");
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(desk.main).toBeFocused();
});

test("Tab moves through the page of a group with a visible focus", async ({
  page,
  desk,
  api,
}) => {
  const group = await api.group("Tabbed through");
  await desk.signIn("ana", `/groups/${group.id}`);
  await page.getByRole("link", { name: "Skip to content" }).focus();
  await page.keyboard.press("Enter");
  await expect(desk.main).toBeFocused();
  const stops = [
    page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Groups" }),
    page.getByRole("link", { name: "Import a list" }),
    page.getByText("More", { exact: true }),
    page.getByText("Rename", { exact: true }),
    desk.picker,
    page.getByRole("button", { name: "Search" }),
    desk.tab("Members (0)"),
    desk.tab("Removed"),
    desk.tab("History"),
  ];
  for (const stop of stops) {
    await page.keyboard.press("Tab");
    await expect(stop).toBeFocused();
    await expect(stop).toHaveCSS("outline-style", "solid");
    await expect(stop).toHaveCSS("outline-width", "2px");
  }
  await page.keyboard.press("Enter");
  await expect(desk.tab("History")).toHaveAttribute("aria-current", "page");
});

/** The shortest way of the keyboard to what admins do most, without a shortcut. */
test("a primary action is at most ten Tabs away", async ({ page, desk, api }) => {
  const group = await api.group("Near", await api.workspaces(3));
  await desk.signIn("ana", `/groups/${group.id}`);
  await page.getByRole("link", { name: "Skip to content" }).press("Enter");
  const actions = [page.getByRole("link", { name: "Import a list" }), desk.picker];
  for (let presses = 1; presses <= 10 && actions.length > 0; presses++) {
    await page.keyboard.press("Tab");
    const isFocused = await actions[0]?.evaluate((element) => element === document.activeElement);
    if (isFocused) actions.shift();
  }
  expect(actions).toEqual([]);
});

test.describe("single keys", () => {
  test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, "they need JavaScript");

  test("move through rows, select them and lead to the actions", async ({ page, desk, api }) => {
    const group = await api.group("By letters", await api.workspaces(4));
    await desk.signIn("ana", `/groups/${group.id}`);
    await desk.scriptStarted();
    const links = page.getByRole("rowheader").getByRole("link");
    await page.keyboard.press("j");
    await expect(links.nth(0)).toBeFocused();
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("k");
    await expect(links.nth(1)).toBeFocused();
    await page.keyboard.press("a");
    await expect(page.getByRole("button", { name: "Remove 2 selected" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(desk.heading).toHaveText(`Remove 2 workspaces from ${group.name}?`);
  });

  test("find on the page, and type in fields", async ({ page, desk, api }) => {
    const group = await api.group("Slash");
    await desk.signIn("ana", `/groups/${group.id}`);
    await desk.scriptStarted();
    await page.keyboard.press("/");
    await expect(page.getByRole("main").locator("input:focus")).toBeVisible();
    await page.keyboard.type("/jxa?");
    await expect(page.locator(":focus")).toHaveValue("/jxa?");
    await page.goto("/groups");
    await desk.scriptStarted();
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox", { name: "Search groups by name" })).toBeFocused();
  });

  test("are listed by a question mark and can be switched off", async ({ page, desk }) => {
    await desk.signIn("sam", "/groups");
    await desk.scriptStarted();
    const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await page.keyboard.press("?");
    await expect(list).toBeVisible();
    await expect(list).toContainText("Next row");
    await list.getByRole("checkbox", { name: "Use single-key shortcuts in this browser" }).uncheck();
    await page.keyboard.press("Escape");
    await expect(list).toBeHidden();
    for (const key of ["?", "/", "j"]) await page.keyboard.press(key);
    await expect(list).toBeHidden();
    await page.reload();
    await desk.scriptStarted();
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await expect(list.getByRole("checkbox")).not.toBeChecked();
    await list.getByRole("checkbox").check();
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await expect(page.getByRole("rowheader").first().getByRole("link")).toBeFocused();
  });
});

test("the list of keys opens without JavaScript", async ({ page, desk }) => {
  await desk.signIn("sam", "/groups");
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toContainText("Ctrl K");
});

test("a workspace is enrolled and removed without a mouse", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("By keys");
  await desk.signIn("ana", `/groups/${group.id}`);
  if (desk.hasScript) {
    await desk.find(workspace);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    // Holding the key or pressing it twice must not submit the search form.
    await page.keyboard.press("Enter");
  } else {
    await desk.picker.focus();
    await page.keyboard.type(workspace.externalId);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: `Enroll ${workspace.name}` }).press("Enter");
  }
  await expect(desk.done).toContainText("was enrolled in");
  await expect(desk.done).toBeFocused();
  await page.getByRole("button", { name: `Remove ${workspace.name}` }).press("Enter");
  await expect(desk.done).toContainText("was removed from");
});

test.describe("the suggestion list", () => {
  test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, "without JavaScript there is a search form");

  test("arrow keys move through the options and wrap around", async ({ page, desk, api }) => {
    const word = "e";
    const group = await api.group("Arrows");
    await desk.signIn("ana", `/groups/${group.id}`);
    await expect(async () => {
      await desk.picker.fill(word);
      await expect(desk.options).toHaveCount(8, { timeout: 3_000 });
    }).toPass({ timeout: 45_000 });
    await expect(desk.picker).toHaveAttribute("aria-expanded", "true");
    await expect(desk.main).toContainText("8 workspaces found.");
    await expect(page.getByRole("option", { selected: true })).toHaveCount(0);

    const expectSelected = async (index: number) => {
      await expect(desk.options.nth(index)).toHaveAttribute("aria-selected", "true");
      await expect(page.getByRole("option", { selected: true })).toHaveCount(1);
      const id = await desk.options.nth(index).getAttribute("id");
      await expect(desk.picker).toHaveAttribute("aria-activedescendant", id ?? "");
      await expect(desk.picker).toBeFocused();
    };
    await page.keyboard.press("ArrowDown");
    await expectSelected(0);
    await page.keyboard.press("ArrowDown");
    await expectSelected(1);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await expectSelected(7);
    await page.keyboard.press("ArrowDown");
    await expectSelected(0);
  });

  test("arrow keys skip enrolled workspaces", async ({ page, desk, api }) => {
    const group = await api.group("Passed over");
    await desk.signIn("ana", `/groups/${group.id}`);
    const fill = async () => {
      await expect(async () => {
        await desk.picker.fill("e");
        await expect(desk.options).toHaveCount(8, { timeout: 3_000 });
      }).toPass({ timeout: 45_000 });
    };
    await fill();
    const name = (await desk.options.first().locator(".name").textContent()) ?? "";
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(desk.done).toContainText(`${name} was enrolled in`);
    await fill();
    await expect(desk.options.first()).toContainText("already in");
    await page.keyboard.press("ArrowDown");
    await expect(desk.options.nth(1)).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("ArrowUp");
    await expect(desk.options.nth(7)).toHaveAttribute("aria-selected", "true");
  });

  test("Escape closes it and keeps the text; an arrow key reopens it", async ({ page, desk, api }) => {
    const workspace = await api.workspace();
    const group = await api.group("Escaped");
    await desk.signIn("ana", `/groups/${group.id}`);
    const option = await desk.find(workspace);
    await page.keyboard.press("Escape");
    await expect(option).toBeHidden();
    await expect(desk.picker).toHaveAttribute("aria-expanded", "false");
    await expect(desk.picker).toHaveValue(workspace.externalId);
    await page.keyboard.press("ArrowDown");
    await expect(option).toBeVisible();
  });

  test("Tab closes it", async ({ page, desk, api }) => {
    const workspace = await api.workspace();
    const group = await api.group("Left");
    await desk.signIn("ana", `/groups/${group.id}`);
    const option = await desk.find(workspace);
    await page.keyboard.press("Tab");
    await expect(page.getByRole("button", { name: "Search" })).toBeFocused();
    await expect(option).toBeHidden();
    await expect(desk.picker).toHaveValue(workspace.externalId);
    expect(await api.live(group)).toEqual([]);
  });

  test("Enter without a selected option submits the search", async ({ page, desk, api }) => {
    const workspace = await api.workspace();
    const group = await api.group("Entered");
    await desk.signIn("ana", `/groups/${group.id}`);
    await desk.find(workspace);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`/groups/${group.id}?find=${workspace.externalId}`);
    await expect(page.getByRole("button", { name: `Enroll ${workspace.name}` })).toBeVisible();
  });

  test("keys of an input method do not select or enroll", async ({ page, desk, api }) => {
    const workspace = await api.workspace();
    const group = await api.group("Composed");
    await desk.signIn("ana", `/groups/${group.id}`);
    const option = await desk.find(workspace);
    const method = await InputMethod.of(page);
    await desk.picker.fill("");
    await expect(option).toBeHidden();

    await method.compose(workspace.externalId);
    await expect(option).toBeVisible();
    for (const key of ["ArrowDown", "Enter", "Escape"]) await method.press(key);
    await expect(page.getByRole("option", { selected: true })).toHaveCount(0);
    await expect(option).toBeVisible();
    await expect(desk.picker).toHaveValue(workspace.externalId);
    await method.end(workspace.externalId);
    await page.keyboard.press("ArrowDown");
    await expect(option).toHaveAttribute("aria-selected", "true");
    // WebKit reports the key that ends a composition with key code 229.
    await method.press("Enter", 229);
    await expect(option).toHaveAttribute("aria-selected", "true");
    expect(await api.live(group)).toEqual([]);
    await page.keyboard.press("Enter");
    await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);
  });

  test("keeps and searches text typed before the script loads", async ({ page, desk, api }) => {
    const workspace = await api.workspace();
    const group = await api.group("Typed early");
    await desk.signIn("ana");
    let release = () => {};
    const released = new Promise<void>((done) => (release = done));
    await page.route("**/*.wasm", async (route) => {
      await released;
      await route.continue();
    });
    // The previous page has loaded the WebAssembly already, so the cache would bypass the delay.
    await (await page.context().newCDPSession(page)).send("Network.setCacheDisabled", { cacheDisabled: true });
    await desk.openGroup(group);
    await desk.picker.fill(workspace.externalId);
    release();
    await expect(desk.options.filter({ hasText: workspace.externalId })).toBeVisible();
    await expect(desk.picker).toHaveValue(workspace.externalId);
  });
});
