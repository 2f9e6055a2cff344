import { randomUUID } from "node:crypto";

import { expect, test } from "../support/test.ts";

test("a workspace is created, found by its external id, edited and archived", async ({ page, desk }) => {
  const mark = randomUUID().slice(0, 8);
  await desk.signIn("ana", "/workspaces");
  await page.getByRole("link", { name: "New workspace" }).click();
  await page.getByLabel("Name", { exact: true }).fill(`Acme ${mark}`);
  await page.getByLabel("Description").fill("Coatings\nLyon");
  await page.getByLabel("External id").fill(`ext-${mark}`);
  await page.getByLabel("Avatar color").fill("#cc3366");
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expect(desk.done).toHaveText(`Acme ${mark} was created.`);
  await expect(desk.heading).toHaveText(`Acme ${mark}`);
  await expect(desk.main).toContainText("Coatings");

  const search = page.getByRole("searchbox", { name: "Search workspaces by name or id" });
  await page.goto("/workspaces");
  await search.fill(`ext-${mark}`);
  await page.getByRole("button", { name: "Search" }).click();
  const row = page.getByRole("row").filter({ hasText: `Acme ${mark}` });
  await expect(page.getByRole("rowheader")).toHaveCount(1);
  await expect(row.getByRole("cell").first()).toHaveText("0");
  await page.getByLabel("In a group").selectOption({ label: "In a group" });
  await page.getByRole("button", { name: "Search" }).click();
  await expect(desk.main).toContainText("No matching workspaces");
  await page.getByLabel("In a group").selectOption({ label: "In no group" });
  await page.getByRole("button", { name: "Search" }).click();
  await row.getByRole("link", { name: `Acme ${mark}` }).click();

  await page.getByRole("link", { name: "Edit" }).click();
  await expect(page.getByLabel("External id")).toHaveValue(`ext-${mark}`);
  await page.getByLabel("Name", { exact: true }).fill(`Acme SAS ${mark}`);
  await page.getByLabel("External id").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(desk.done).toHaveText(`Acme SAS ${mark} was saved.`);
  await expect(desk.main).not.toContainText(`ext-${mark}`);

  await desk.openMore("Archive workspace");
  await page.getByRole("button", { name: "Archive workspace" }).click();
  await expect(desk.done).toHaveText(`Acme SAS ${mark} was archived. Its history stays.`);
  await expect(page.getByRole("link", { name: "Edit" })).toHaveCount(0);
});

test("a refused form keeps the input", async ({ page, desk, api }) => {
  const other = await api.newWorkspace("Other");
  await desk.signIn("ana", "/workspaces/new");
  await page.getByLabel("Name", { exact: true }).fill("Acme & <Sons>");
  await page.getByLabel("External id").fill(other.externalId);
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expect(desk.refusal).toHaveText(`The external id ${other.externalId} is used by another workspace.`);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Acme & <Sons>");
  await expect(page.getByLabel("External id")).toHaveValue(other.externalId);
});

test("a workspace is enrolled, removed and re-added on its page", async ({ page, desk, api }) => {
  const workspace = await api.newWorkspace("From here");
  const group = await api.group("Into this");
  await desk.signIn("ana", `/workspaces/${workspace.id}`);
  await expect(desk.main).toContainText("This workspace is in no group now.");
  const field = page.getByRole("combobox", { name: "Search groups by name" });
  const found = page.getByRole("list", { name: "Groups found" }).getByRole("listitem").filter({ hasText: group.name });
  if (desk.hasScript) {
    const option = page.getByRole("option").filter({ hasText: group.name });
    await expect(async () => {
      await field.fill(group.name);
      await expect(option).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 45_000 });
    await option.click();
  } else {
    await field.fill(group.name);
    await page.getByRole("button", { name: "Search" }).click();
    await found.getByRole("button", { name: `Enroll into ${group.name}` }).click();
  }
  await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);
  await expect(page).toHaveURL(`/workspaces/${workspace.id}`);

  await field.fill(group.name);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(found).toContainText("already in");
  await expect(found.getByRole("button")).toHaveCount(0);

  await page.getByRole("button", { name: `Remove from ${group.name}` }).click();
  await expect(desk.done).toContainText(`${workspace.name} was removed from ${group.name}.`);
  await expect(page).toHaveURL(new RegExp(`/workspaces/${workspace.id}`));
  await desk.done.getByRole("button", { name: "Undo" }).click();
  await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);

  const parts = page.getByRole("navigation", { name: "Parts of this workspace" });
  await parts.getByRole("link", { name: "All enrollments" }).click();
  await expect(page.getByRole("rowheader")).toHaveCount(2);
  await parts.getByRole("link", { name: "History" }).click();
  await expect(desk.history).toHaveCount(3);
});

test("a conflict on the page of a workspace is explained", async ({ page, desk, api }) => {
  const workspace = await api.newWorkspace("Twice");
  const group = await api.group("Wanted twice");
  await desk.signIn("ana", `/workspaces/${workspace.id}?find=${group.name.replaceAll(" ", "+")}`);
  await api.enroll(group, workspace);
  await page.getByRole("button", { name: `Enroll into ${group.name}` }).click();
  await expect(desk.refusal).toContainText(`${workspace.name} is already in ${group.name}, enrolled on `);
  await expect(page.getByRole("combobox", { name: "Search groups by name" })).toHaveValue(group.name);
});

test("a workspace with live enrollments cannot be archived", async ({ page, desk, api }) => {
  const workspace = await api.newWorkspace("Held");
  await desk.signIn("ana", `/workspaces/${workspace.id}/remove`);
  const group = await api.group("Holds it", [workspace]);
  await page.getByRole("button", { name: "Archive workspace" }).click();
  await expect(desk.refusal).toHaveText("The workspace is still in 1 group. Remove it from that group first.");
  await page.getByRole("link", { name: "See the 1 group" }).click();
  await expect(page.getByRole("rowheader")).toHaveText(group.name);
});
