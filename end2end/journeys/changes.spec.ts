import { expect, test } from "../support/test.ts";

test("a removal with a reason is found, explained and undone", async ({ page, desk, api }) => {
  const group = await api.group("Explained", await api.workspaces(3));
  await desk.signIn("ana", `/groups/${group.id}/removals?all=yes`);
  await page.getByText("Reason and ticket").click();
  await page.getByLabel("Reason", { exact: true }).fill("Contract ended");
  await page.getByLabel("Ticket (key or link)").fill("OPS-1432");
  await page.getByLabel("Type 3 to confirm").fill("3");
  await page.getByRole("button", { name: "Remove 3 workspaces" }).click();
  await expect(desk.done).toContainText("3 workspaces were removed");

  await page.goto(`/groups/${group.id}?tab=history`);
  await expect(desk.main).toContainText("Contract ended");
  await desk.main.getByRole("link", { name: "see change", exact: true }).first().click();
  await expect(desk.main).toContainText("3 removed, in 1 group");
  await expect(desk.main).toContainText("OPS-1432");

  await desk.main.getByRole("link", { name: "Undo all of it" }).click();
  await expect(desk.main).toContainText("3 workspaces: will be enrolled again");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(desk.done).toContainText("3 workspaces were enrolled.");
  expect(await api.live(group)).toHaveLength(3);
});

test("a selection is moved to another group", async ({ page, desk, api }) => {
  const [from, to] = [await api.group("Source", await api.workspaces(4)), await api.group("Destination")];
  await desk.signIn("ana", `/groups/${from.id}`);
  const boxes = page.getByRole("checkbox", { name: /^Select (?!all)/ });
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.getByRole("button", { name: "Move to" }).click();
  const destination = desk.main.getByRole("combobox", { name: "Group" });
  await destination.fill(to.name);
  if (desk.hasScript) await page.getByRole("option", { name: to.name }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  if (!desk.hasScript) await page.getByRole("button", { name: `Choose ${to.name}` }).click();
  await page.getByRole("button", { name: "Move 2 workspaces" }).click();
  await expect(desk.done).toContainText(`2 workspaces were moved from ${from.name} to ${to.name}.`);
  expect(await api.live(from)).toHaveLength(2);
  expect(await api.live(to)).toHaveLength(2);
  await desk.done.getByRole("button", { name: "Undo" }).click();
  await expect(desk.done).toContainText("2 workspaces were enrolled and 2 workspaces were removed.");
  expect(await api.live(from)).toHaveLength(4);
});

test("all that a search has found is copied, also without JavaScript", async ({ page, desk, api }) => {
  const mark = `Copied ${Date.now()}`;
  const [from, to] = [await api.group("Source"), await api.group("Archive of copies")];
  for (const number of [1, 2, 3]) {
    await api.enroll(from, await api.newWorkspace(`${number < 3 ? mark : "Other"} ${number}`));
  }
  await desk.signIn("ana", `/groups/${from.id}?q=${encodeURIComponent(mark)}`);
  await page.getByRole("link", { name: "Copy all that match" }).click();
  await expect(desk.heading).toHaveText("Copy 2 workspaces to which group?");
  await page.goto(`${page.url()}&find_group=${encodeURIComponent(to.name)}`);
  await page.getByRole("button", { name: `Choose ${to.name}` }).click();
  await page.getByRole("button", { name: "Copy 2 workspaces" }).click();
  await expect(desk.done).toContainText(`2 workspaces were copied from ${from.name} to ${to.name}.`);
  expect(await api.live(to)).toHaveLength(2);
  expect(await api.live(from)).toHaveLength(3);
});

test("a group that requires a reason asks for it", async ({ page, desk, api }) => {
  const group = await api.group("Strict");
  const workspace = await api.newWorkspace("Asked for");
  await desk.signIn("ana", `/groups/${group.id}/settings`);
  await page.getByLabel("For every change").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(desk.done).toContainText("were saved");
  await page.goto(`/groups/${group.id}?find=${encodeURIComponent(workspace.name)}`);
  await page.getByRole("button", { name: `Enroll ${workspace.name}` }).click();
  await expect(desk.heading).toHaveText("Reason required");
  await page.getByLabel("Reason", { exact: true }).fill("Onboarding");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);
});

test("a group is restored to an earlier moment", async ({ page, desk, api }) => {
  const group = await api.group("Once", await api.workspaces(3));
  const moment = new Date().toISOString();
  const [first] = await api.live(group);
  await api.remove(first ?? "");
  await desk.signIn("ana", `/groups/${group.id}/restore?as_of=${encodeURIComponent(moment)}`);
  await expect(desk.main).toContainText("1 workspace: will be enrolled");
  await page.getByRole("button", { name: "Restore" }).click();
  await expect(desk.done).toContainText("1 workspace was enrolled.");
  expect(await api.live(group)).toHaveLength(3);
});
