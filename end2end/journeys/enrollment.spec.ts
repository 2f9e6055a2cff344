import { expect, test } from "../support/test.ts";

test("a workspace is enrolled, removed and enrolled again", async ({ page, desk, api }) => {
  const [other, workspace] = await api.workspaces(2);
  if (!other || !workspace) throw new Error("too few workspaces");
  const group = await api.group("Whole life", [other]);
  await desk.signIn("ana", `/groups/${group.id}`);
  await expect(desk.tab("Members (1)")).toBeVisible();

  await test.step("enroll", async () => {
    await desk.enroll(workspace);
    await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);
    await expect(desk.done.getByRole("button", { name: "Undo" })).toBeVisible();
    await expect(desk.tab("Members (2)")).toBeVisible();
    await expect(desk.row(workspace)).toContainText("Ana Lima");
    await expect(desk.row(workspace)).toContainText("just now");
  });

  await test.step("remove", async () => {
    await page.getByRole("button", { name: `Remove ${workspace.name}` }).click();
    await expect(page).toHaveURL(`/groups/${group.id}`);
    await expect(desk.done).toContainText(`${workspace.name} was removed from ${group.name}.`);
    await expect(desk.done.getByRole("button", { name: "Undo" })).toBeVisible();
    await expect(desk.tab("Members (1)")).toBeVisible();
    await expect(desk.row(workspace)).toHaveCount(0);
    await expect(desk.row(other)).toBeVisible();
  });

  await test.step("show who enrolled and who removed it", async () => {
    await desk.openTab("Removed");
    await expect(desk.cell(workspace, "Enrolled")).toContainText("Ana Lima");
    await expect(desk.cell(workspace, "Removed")).toContainText("Ana Lima");
  });

  await test.step("enroll again", async () => {
    await page.getByRole("button", { name: `Enroll ${workspace.name} again` }).click();
    await expect(page).toHaveURL(`/groups/${group.id}?tab=removed`);
    await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);
    await desk.openTab("Members");
    await expect(desk.tab("Members (2)")).toBeVisible();
    await expect(desk.row(workspace)).toContainText("Ana Lima");
  });

  await test.step("the removal stays in the history", async () => {
    await desk.openTab("Removed");
    await expect(desk.row(workspace)).toHaveCount(1);
    await desk.openTab("History");
    await expect(desk.history).toContainText([
      `Ana Lima enrolled ${workspace.name}`,
      `Ana Lima removed ${workspace.name}`,
      `Ana Lima enrolled ${workspace.name}`,
      `enrolled ${other.name}`,
    ]);
    await expect(desk.history).toHaveCount(4);
  });
});

test("Undo reverts an enrollment and a removal", async ({ desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Undone");
  await desk.signIn("ana", `/groups/${group.id}`);
  await desk.enroll(workspace);
  await expect(desk.tab("Members (1)")).toBeVisible();

  await desk.done.getByRole("button", { name: "Undo" }).click();
  await expect(desk.done).toContainText(`${workspace.name} was removed from ${group.name}.`);
  await expect(desk.tab("Members (0)")).toBeVisible();
  expect(await api.live(group)).toEqual([]);

  await desk.done.getByRole("button", { name: "Undo" }).click();
  await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);
  await expect(desk.tab("Members (1)")).toBeVisible();
  await expect(desk.row(workspace)).toContainText("Ana Lima");
  expect(await api.live(group)).toHaveLength(1);

  await desk.openTab("History");
  await expect(desk.history).toContainText(["Ana Lima enrolled", "Ana Lima removed", "Ana Lima enrolled"]);
});

test("a search without matches says so and keeps the text", async ({ page, desk, api }) => {
  const group = await api.group("Nothing found");
  await desk.signIn("ana", `/groups/${group.id}`);
  if (desk.hasScript) {
    await expect(async () => {
      await desk.picker.fill("no such workspace");
      await expect(desk.main).toContainText("No workspace matches “no such workspace”.", { timeout: 3_000 });
    }).toPass({ timeout: 45_000 });
  }
  await desk.picker.fill("no such workspace");
  await desk.picker.press("Enter");
  await expect(page).toHaveURL(`/groups/${group.id}?find=no+such+workspace`);
  await expect(desk.main).toContainText("No workspace matches “no such workspace”.");
  await expect(desk.picker).toHaveValue("no such workspace");
});

test("a link with a search shows its results", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Shared search");
  await desk.signIn("ana", `/groups/${group.id}?find=${workspace.externalId}`);
  await expect(desk.picker).toHaveValue(workspace.externalId);
  await page.getByRole("button", { name: `Enroll ${workspace.name}` }).click();
  await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);
});

test("more than fifty members are paginated", async ({ page, desk, api }) => {
  const workspaces = await api.workspaces(53);
  const group = await api.group("Many", workspaces);
  await desk.signIn("sam", `/groups/${group.id}`);
  await expect(desk.tab("Members (53)")).toBeVisible();
  await expect(page.getByRole("rowheader")).toHaveCount(50);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Next" }).click();
  await expect(page.getByRole("rowheader")).toHaveCount(3);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Previous" }).click();
  await expect(page.getByRole("rowheader")).toHaveCount(50);
});
