import { InputMethod } from "../support/input-method.ts";
import { expect, test } from "../support/test.ts";

test("the first Tab offers to skip to the content", async ({ page, desk, api }) => {
  const group = await api.group("Skipped to");
  await desk.signIn("ana", `/groups/${group.id}`);
  await page.goto(`/groups/${group.id}`);
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expect(skip).not.toBeInViewport();
  await page.keyboard.press("Tab");
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(desk.main).toBeFocused();
});

test("from the content one tabs through the heading, the search and the tabs, and sees where one is", async ({
  page,
  desk,
  api,
}) => {
  const group = await api.group("Tabbed through");
  await desk.signIn("ana", `/groups/${group.id}`);
  await page.getByRole("link", { name: "Skip to the content" }).focus();
  await page.keyboard.press("Enter");
  await expect(desk.main).toBeFocused();
  const stops = [
    page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Groups" }),
    page.getByRole("link", { name: "Enroll many" }),
    page.getByRole("link", { name: "Remove group" }),
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

test("one signs in, enrolls, and takes it back without a mouse", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("By keys");
  await desk.signIn("ana", `/groups/${group.id}`);
  if (desk.hasScript) {
    await desk.find(workspace);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    // A key that is held, or a finger that is quick, does not search instead.
    await page.keyboard.press("Enter");
  } else {
    await desk.picker.focus();
    await page.keyboard.type(workspace.externalId);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: `Enroll ${workspace.name}` }).press("Enter");
  }
  await expect(desk.done).toContainText("was enrolled in");
  await expect(desk.done).toBeFocused();
  await page.getByRole("link", { name: `Remove ${workspace.name}` }).press("Enter");
  await expect(desk.heading).toHaveText(`Remove ${workspace.name} from ${group.name}?`);
  await page.getByRole("button", { name: "Remove", exact: true }).press("Space");
  await expect(desk.done).toContainText("was removed from");
});

test.describe("the list that follows what is typed", () => {
  test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, "without script there is a search form");

  test("arrows move over what can be picked and around the ends", async ({ page, desk, api }) => {
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

    const isOn = async (index: number) => {
      await expect(desk.options.nth(index)).toHaveAttribute("aria-selected", "true");
      await expect(page.getByRole("option", { selected: true })).toHaveCount(1);
      const id = await desk.options.nth(index).getAttribute("id");
      await expect(desk.picker).toHaveAttribute("aria-activedescendant", id ?? "");
      await expect(desk.picker).toBeFocused();
    };
    await page.keyboard.press("ArrowDown");
    await isOn(0);
    await page.keyboard.press("ArrowDown");
    await isOn(1);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await isOn(7);
    await page.keyboard.press("ArrowDown");
    await isOn(0);
  });

  test("arrows pass over what is in already", async ({ page, desk, api }) => {
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

  test("Escape closes it and keeps what was typed; an arrow opens it again", async ({ page, desk, api }) => {
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

  test("Tab leaves it, and it closes", async ({ page, desk, api }) => {
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

  test("Enter with nothing highlighted searches, as without script", async ({ page, desk, api }) => {
    const workspace = await api.workspace();
    const group = await api.group("Entered");
    await desk.signIn("ana", `/groups/${group.id}`);
    await desk.find(workspace);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`/groups/${group.id}?find=${workspace.externalId}`);
    await expect(page.getByRole("button", { name: `Enroll ${workspace.name}` })).toBeVisible();
  });

  test("the keys of an input method move and enroll nothing", async ({ page, desk, api }) => {
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
    // The key that ended the composition, as WebKit tells it.
    await method.press("Enter", 229);
    await expect(option).toHaveAttribute("aria-selected", "true");
    expect(await api.live(group)).toEqual([]);
    await page.keyboard.press("Enter");
    await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);
  });

  test("what is typed before the script is there is kept, and found", async ({ page, desk, api }) => {
    const workspace = await api.workspace();
    const group = await api.group("Typed early");
    await desk.signIn("ana");
    let arrive = () => {};
    const slow = new Promise<void>((done) => (arrive = done));
    await page.route("**/*.wasm", async (route) => {
      await slow;
      await route.continue();
    });
    // Not cached from the page before.
    await (await page.context().newCDPSession(page)).send("Network.setCacheDisabled", { cacheDisabled: true });
    await desk.openGroup(group);
    await desk.picker.fill(workspace.externalId);
    arrive();
    await expect(desk.options.filter({ hasText: workspace.externalId })).toBeVisible();
    await expect(desk.picker).toHaveValue(workspace.externalId);
  });
});
