import { randomUUID } from "node:crypto";

import { expect, test } from "../support/test.ts";

test("a search inside a group leads to a change of exactly its matches", async ({ page, desk, api }) => {
  const mark = `Mark${randomUUID().slice(0, 6)}`;
  const [later, earlier] = [await api.newWorkspace(`${mark} Zulu`), await api.newWorkspace(`${mark} Alpha`)];
  const group = await api.group("Searched", [later, earlier, await api.newWorkspace("Elsewhere")]);
  await desk.signIn("ana", `/groups/${group.id}`);

  await test.step("find and sort", async () => {
    const search = page.getByRole("searchbox", { name: "Find in this group" });
    await search.fill(mark.toLowerCase());
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await expect(page).toHaveURL(`/groups/${group.id}?q=${mark.toLowerCase()}`);
    await expect(search).toHaveValue(mark.toLowerCase());
    await expect(desk.main).toContainText("1–2 of 2");
    await page.getByRole("columnheader").getByRole("link", { name: "Workspace" }).click();
    await expect(page.getByRole("columnheader", { name: "Workspace" })).toHaveAttribute("aria-sort", "ascending");
    await expect(page.getByRole("rowheader")).toContainText([earlier.name, later.name]);
    await page.getByRole("columnheader").getByRole("link", { name: "Workspace" }).click();
    await expect(page.getByRole("rowheader")).toContainText([later.name, earlier.name]);
  });

  await test.step("remove all matches", async () => {
    await page.getByRole("link", { name: "Remove all 2 that match …" }).click();
    await expect(desk.heading).toHaveText(`Remove 2 workspaces from ${group.name}?`);
    await expect(desk.main).toContainText(`Search: “${mark.toLowerCase()}”.`);
    await page.getByRole("button", { name: "Remove 2 workspaces" }).click();
    await expect(desk.done).toContainText(`2 workspaces were removed from ${group.name}.`);
    expect(await api.live(group)).toHaveLength(1);
    await expect(desk.main).toContainText("Nothing in this list matches the search and the filters.");
  });

  await test.step("add them again from the other tab, which keeps the search", async () => {
    await desk.tab("Removed").click();
    await expect(page).toHaveURL(`/groups/${group.id}?tab=removed&q=${mark.toLowerCase()}`);
    await page.getByRole("link", { name: "Enroll all 2 that match again …" }).click();
    await page.getByRole("button", { name: "Enroll again" }).click();
    await expect(desk.done).toContainText(`2 workspaces were enrolled in ${group.name} again.`);
    expect(await api.live(group)).toHaveLength(3);
  });
});

test("filters by person and day are in the address, and a link shows the same", async ({ page, desk, api }) => {
  const person = await api.newPerson("Ida");
  const group = await api.group("Filtered", [await api.workspace()]);
  await desk.signIn("sam", `/groups/${group.id}`);
  await page.getByText("Filters", { exact: true }).click();
  await page.getByRole("searchbox", { name: "Enrolled by" }).fill(person.email);
  await page.getByLabel("Enrolled until", { exact: true }).fill("2099-12-31");
  await page.getByRole("button", { name: "Find", exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/groups/${group.id}\\?person=${person.id}&until=2100-01-01`));
  await expect(page.getByRole("rowheader")).toHaveCount(0);
  await expect(page.getByText(person.name)).toBeVisible();

  const address = page.url();
  await page.goto("/groups");
  await page.goto(address);
  await page.getByRole("link", { name: /^Remove the filter enrolled by/ }).click();
  await expect(page.getByRole("rowheader")).toHaveCount(1);
  await page.getByRole("link", { name: "Clear" }).click();
  await expect(page).toHaveURL(`/groups/${group.id}`);
});
