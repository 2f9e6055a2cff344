import { expect, test } from "../support/test.ts";

test("forty selected workspaces are removed and restored by Undo", async ({ page, desk, api }) => {
  const workspaces = await api.workspaces(42);
  const group = await api.group("Before lunch", workspaces);
  await desk.signIn("ana", `/groups/${group.id}`);

  await test.step("select", async () => {
    const boxes = page.getByRole("checkbox", { name: /^Select (?!all)/ });
    await expect(boxes).toHaveCount(42);
    if (desk.hasScript) {
      const all = page.getByRole("checkbox", { name: "Select all on this page" });
      await desk.scriptStarted();
      await expect(page.getByRole("button", { name: "Clear" })).toBeHidden();
      await all.check();
      await expect(page.getByRole("button", { name: "Remove 42 selected" })).toBeVisible();
      await page.getByRole("button", { name: "Clear" }).click();
      await expect(all).not.toBeChecked();
      await expect(page.getByRole("button", { name: "Clear" })).toBeHidden();
      await all.check();
      await boxes.nth(0).uncheck();
      await boxes.nth(1).click();
      await expect(all).not.toBeChecked();
      await page.getByRole("button", { name: "Remove 40 selected" }).click();
    } else {
      for (let index = 2; index < 42; index++) await boxes.nth(index).check();
      await page.getByRole("button", { name: "Remove selected" }).click();
    }
  });

  await test.step("confirm", async () => {
    await expect(desk.heading).toHaveText(`Remove 40 workspaces from ${group.name}?`);
    await expect(desk.main.getByRole("listitem")).toHaveCount(40);
    await page.getByRole("button", { name: "Remove 40 workspaces" }).click();
    await expect(desk.done).toContainText(`40 workspaces were removed from ${group.name}.`);
    await expect(desk.tab("Members (2)")).toBeVisible();
    expect(await api.live(group)).toHaveLength(2);
  });

  await test.step("undo", async () => {
    await desk.done.getByRole("button", { name: "Undo" }).click();
    await expect(desk.done).toContainText(`40 workspaces were enrolled in ${group.name}.`);
    await expect(desk.tab("Members (42)")).toBeVisible();
  });
});

test("a click with Shift selects a range", async ({ page, desk, api, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "ranges need JavaScript");
  const group = await api.group("From here to there", await api.workspaces(9));
  await desk.signIn("ana", `/groups/${group.id}`);
  const boxes = page.getByRole("checkbox", { name: /^Select (?!all)/ });
  await desk.scriptStarted();
  await boxes.nth(2).check();
  await boxes.nth(6).click({ modifiers: ["Shift"] });
  await expect(page.getByRole("button", { name: "Remove 5 selected" })).toBeVisible();
});

test("a range does not start at a row that has been removed", async ({ page, desk, api, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "ranges need JavaScript");
  const workspaces = await api.workspaces(7);
  const group = await api.group("From nowhere to there", workspaces);
  await desk.signIn("ana");
  const subscribed = page.waitForResponse((answer) => new URL(answer.url()).pathname === "/live");
  await page.goto(`/groups/${group.id}`);
  await subscribed;
  const boxes = page.getByRole("checkbox", { name: /^Select (?!all)/ });
  await desk.scriptStarted();
  const gone = boxes.nth(5);
  const enrollment = (await gone.getAttribute("value")) ?? "";
  await gone.check();
  await page.mouse.move(0, 0);
  await page.getByRole("main").focus();
  await api.remove(enrollment);
  await expect(boxes).toHaveCount(6);

  await boxes.nth(1).click({ modifiers: ["Shift"] });
  await expect(page.getByRole("button", { name: "Remove 1 selected" })).toBeVisible();
  // The last click starts a new range.
  await boxes.nth(3).click({ modifiers: ["Shift"] });
  await expect(page.getByRole("button", { name: "Remove 3 selected" })).toBeVisible();
});

test("selected removed workspaces are enrolled again", async ({ page, desk, api }) => {
  const workspaces = await api.workspaces(3);
  const group = await api.group("Again", workspaces);
  for (const enrollment of await api.live(group)) await api.remove(enrollment);
  await desk.signIn("ana", `/groups/${group.id}?tab=removed`);
  for (const { name } of workspaces.slice(0, 2)) await page.getByRole("checkbox", { name: `Select ${name}` }).check();
  await page.getByRole("button", { name: /^Enroll \d* ?selected again$/ }).click();
  await expect(desk.done).toContainText(`2 workspaces were enrolled in ${group.name}.`);
  await expect(page).toHaveURL(`/groups/${group.id}?tab=removed`);
  expect(await api.live(group)).toHaveLength(2);
});

test("the actions for selected rows cover no row", async ({ page, desk, api, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "without JavaScript they are above the table");
  const group = await api.group("Uncovered", await api.workspaces(30));
  await desk.signIn("ana", `/groups/${group.id}`);
  await desk.scriptStarted();
  const first = page.getByRole("checkbox", { name: /^Select (?!all)/ }).first();
  const before = await first.boundingBox();
  await first.check();
  expect(await first.boundingBox(), "the row stays where it is").toEqual(before);
  const row = await page.locator("tbody tr").first().boundingBox();
  const bar = await page.locator("#picked").boundingBox();
  expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeLessThanOrEqual((row?.y ?? 0) + 1);
  // They and the head of the table stay in view.
  await page.locator("tbody tr").last().scrollIntoViewIfNeeded();
  await expect(page.getByRole("button", { name: "Remove 1 selected" })).toBeInViewport();
  await expect(page.getByRole("columnheader", { name: "Enrolled by" })).toBeInViewport();
});

test("a group is emptied and archived", async ({ page, desk, api }) => {
  const group = await api.group("To be removed", await api.workspaces(3));
  await desk.signIn("ana", `/groups/${group.id}`);
  await desk.openMore("Archive group");
  await expect(desk.main).toContainText("The group still contains 3 workspaces. Remove them first.");
  await page.getByRole("link", { name: "Remove 3 workspaces" }).click();
  await page.getByLabel("Type 3 to confirm").fill("2");
  await page.getByRole("button", { name: "Remove 3 workspaces" }).click();
  await expect(desk.refusal).toHaveText("Nothing was changed: what you typed is not “3”.");
  await page.getByLabel("Type 3 to confirm").fill("3");
  await page.getByRole("button", { name: "Remove 3 workspaces" }).click();
  await expect(desk.done).toContainText(`3 workspaces were removed from ${group.name}.`);
  await desk.openMore("Archive group");
  await page.getByRole("button", { name: "Archive group" }).click();
  await expect(desk.done).toContainText(`${group.name} was archived.`);
  await expect(desk.main.getByText("archived", { exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Import a list" })).toHaveCount(0);
});

test("a workspace that is enrolled in between is not removed", async ({ page, desk, api }) => {
  const [late, ...workspaces] = await api.workspaces(3);
  if (!late) throw new Error("too few workspaces");
  const group = await api.group("Changed in between", workspaces);
  await desk.signIn("ana", `/groups/${group.id}/removals?all=yes`);
  await api.enroll(group, late);
  await page.getByLabel("Type 2 to confirm").fill("2");
  await page.getByRole("button", { name: "Remove 2 workspaces" }).click();
  await expect(desk.refusal).toHaveText("The group has changed: this now concerns 3 workspaces. Check the list and confirm again.");
  await expect(desk.heading).toHaveText(`Remove 3 workspaces from ${group.name}?`);
  expect(await api.live(group)).toHaveLength(3);
});

test("a group is renamed in place", async ({ page, desk, api }) => {
  const group = await api.group("Old name");
  await desk.signIn("ana", `/groups/${group.id}`);
  await page.getByText("Rename", { exact: true }).click();
  await page.getByLabel("New name").fill(`${group.name} new`);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(desk.done).toHaveText(`${group.name} was renamed to ${group.name} new.`);
  await expect(desk.heading).toHaveText(`${group.name} new`);
});
