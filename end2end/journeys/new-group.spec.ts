import { randomUUID } from "node:crypto";

import { expect, test } from "../support/test.ts";

const unique = (name: string) => `${name} ${randomUUID().slice(0, 8)}`;

test("a group is created with only a name", async ({ page, desk }) => {
  const name = unique("Alone");
  await desk.signIn("ana");
  await page.getByRole("link", { name: "New group" }).click();
  await expect(desk.heading).toHaveText("New group");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create group" }).click();

  await expect(desk.heading).toHaveText(name);
  await expect(desk.done).toHaveText(`${name} was created.`);
  await expect(desk.main).toContainText("0 workspaces · created by Ana Lima · ");
  await expect(desk.main).toContainText("No workspaces in this group");
  await desk.openTab("Removed");
  await expect(desk.main).toContainText("Nothing was removed");
  await desk.openTab("History");
  await expect(desk.main).toContainText("Nothing happened yet");
  await expect(desk.done).toBeHidden();
});

test("a group is created with pasted ids and external ids", async ({ page, desk, api }) => {
  const [first, second, third] = await api.workspaces(3);
  if (!first || !second || !third) throw new Error("too few workspaces");
  const name = unique("Pasted");
  await desk.signIn("ana", "/groups/new");
  await page.getByLabel("Name", { exact: true }).fill(`  ${name} `);
  // Lists from spreadsheets contain spaces, commas, empty lines and duplicates.
  await page
    .getByLabel("Ids or external ids, one per line")
    .fill(`${first.id},\n\n  ${second.externalId} \n${third.externalId};\n${third.id}\n`);
  await page.getByRole("button", { name: "Create group" }).click();

  await expect(desk.done).toHaveText(`${name} was created with 3 workspaces.`);
  await expect(desk.tab("Members (3)")).toBeVisible();
  for (const workspace of [first, second, third]) await expect(desk.row(workspace)).toContainText("Ana Lima");
  await desk.openTab("History");
  await expect(desk.history).toHaveCount(3);
});

test("a group is created with workspaces from the suggestions", async ({ page, desk, api, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "suggestions need JavaScript");
  const [first, second, third] = await api.workspaces(3);
  if (!first || !second || !third) throw new Error("too few workspaces");
  const name = unique("Picked");
  await desk.signIn("ana", "/groups/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  const chips = page.getByRole("list", { name: "Selected workspaces" }).getByRole("listitem");
  await (await desk.find(first)).click();
  await expect(chips).toContainText([first.name]);
  await expect(desk.picker).toHaveValue("");
  for (const workspace of [second, third]) {
    await desk.find(workspace);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(chips.filter({ hasText: workspace.name })).toBeVisible();
  }
  // A workspace that is picked twice appears once.
  await (await desk.find(first)).click();
  await expect(chips).toHaveCount(3);
  await page.getByRole("button", { name: `Remove ${second.name}` }).click();
  await expect(chips).toContainText([first.name, third.name]);
  await page.getByRole("button", { name: "Create group" }).click();

  await expect(desk.done).toHaveText(`${name} was created with 2 workspaces.`);
  await expect(desk.row(first)).toBeVisible();
  await expect(desk.row(third)).toBeVisible();
  await expect(desk.row(second)).toHaveCount(0);
});

test("a blank name is refused and keeps the pasted ids", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  await desk.signIn("ana", "/groups/new");
  await page.getByLabel("Name", { exact: true }).fill("   ");
  await page.getByLabel("Ids or external ids, one per line").fill(workspace.externalId);
  await page.getByRole("button", { name: "Create group" }).click();
  await expect(desk.refusal).toHaveText("The name is missing.");
  await expect(page).toHaveURL("/groups/new");
  await expect(page.getByLabel("Ids or external ids, one per line")).toHaveValue(workspace.externalId);
});

test("an empty name is not submitted", async ({ page, desk }) => {
  await desk.signIn("ana", "/groups/new");
  await page.getByRole("button", { name: "Create group" }).click();
  await expect(page).toHaveURL("/groups/new");
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await expect(desk.refusal).toBeHidden();
});

test("unknown workspaces are named, and the input is kept", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const name = unique("Refused");
  const unknown = randomUUID();
  await desk.signIn("ana", "/groups/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  if (desk.hasScript) await (await desk.find(workspace)).click();
  const known = desk.hasScript ? "" : `${workspace.externalId}\n`;
  await page.getByLabel("Ids or external ids, one per line").fill(`${known}no-such-workspace\n${unknown}`);
  await page.getByRole("button", { name: "Create group" }).click();

  await expect(desk.refusal).toHaveText(`Some workspaces were not found: no-such-workspace, ${unknown}.`);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(name);
  const kept = desk.hasScript ? workspace.id : workspace.externalId;
  const pasted = page.getByLabel("Ids or external ids, one per line");
  await expect(pasted).toHaveValue(`${kept}\nno-such-workspace\n${unknown}`);
  expect(await api.groupsNamed(name)).toEqual([]);

  // The corrected form succeeds.
  await pasted.fill(kept);
  await page.getByRole("button", { name: "Create group" }).click();
  await expect(desk.done).toHaveText(`${name} was created with 1 workspace.`);
});
