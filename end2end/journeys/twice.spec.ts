import { randomUUID } from "node:crypto";

import { readOneTimeValue } from "../support/operators.ts";
import { expect, test } from "../support/test.ts";

test("a double click creates one group", async ({ page, desk, api }) => {
  const name = `Clicked twice ${randomUUID().slice(0, 8)}`;
  await desk.signIn("ana", "/groups/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create group" }).dblclick();
  await expect(desk.done).toContainText(`${name} was created.`);
  await expect(desk.heading).toHaveText(name);
  expect(await api.groupsNamed(name)).toHaveLength(1);
});

test("a resubmitted form shows the token that was created", async ({
  page,
  desk,
  request,
}) => {
  const name = `Pressed twice ${randomUUID().slice(0, 8)}`;
  await desk.signIn("ana", "/tokens/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("radio", { name: "No one (system)" }).check();
  let performed = 0;
  await page.route("**/api/fn/token-create", async (route) => {
    if (performed > 0) return route.continue();
    await route.fetch({ maxRedirects: 0 });
    performed += 1;
    // The browser stays on the page after a 204, as if the response had been lost.
    await route.fulfill({ status: 204 });
  });
  const button = page.getByRole("button", { name: "Create token" });
  await button.click();
  await expect.poll(() => performed).toBe(1);
  await button.click();

  await expect(desk.done).toContainText(`${name} was created. Copy the token now`);
  const token = await readOneTimeValue(desk);
  await expect(page.getByRole("row").filter({ hasText: name })).toHaveCount(1);
  const headers = { authorization: `Bearer ${token}`, accept: "application/vnd.api+json" };
  expect((await request.get("/v1/workspace-groups?page[size]=1", { headers })).status()).toBe(200);
});

test("a resubmitted bulk removal can be undone", async ({
  page,
  desk,
  api,
}) => {
  const group = await api.group("Emptied twice", await api.workspaces(2));
  await desk.signIn("ana", `/groups/${group.id}/removals?all=yes`);
  let performed = 0;
  await page.route("**/api/fn/enrollments-remove-all", async (route) => {
    if (performed > 0) return route.continue();
    await route.fetch({ maxRedirects: 0 });
    performed += 1;
    // The browser stays on the page after a 204, as if the response had been lost.
    await route.fulfill({ status: 204 });
  });
  await page.getByLabel("Type 2 to confirm").fill("2");
  const button = page.getByRole("button", { name: "Remove 2 workspaces" });
  await button.click();
  await expect.poll(() => performed).toBe(1);
  await button.click();

  await expect(desk.done).toContainText(`2 workspaces were removed from ${group.name}.`);
  await desk.done.getByRole("button", { name: "Undo" }).click();
  await expect(desk.done).toContainText(`2 workspaces were enrolled in ${group.name} again.`);
  expect(await api.live(group)).toHaveLength(2);
});
