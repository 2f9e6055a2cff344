import { randomUUID } from "node:crypto";

import { expect, test } from "../support/test.ts";

test("a group is found by part of its name and opened", async ({ page, desk, api }) => {
  const [workspace] = await api.workspaces(1);
  const group = await api.group("Searched for", workspace ? [workspace] : []);
  const other = await api.group("Not searched for");
  await desk.signIn("ana");
  const search = page.getByRole("searchbox", { name: "Search groups by name" });
  // Case does not matter.
  await search.fill(group.name.slice(3).toUpperCase());
  await page.getByRole("button", { name: "Search" }).click();

  await expect(page).toHaveURL(/\/groups\?q=/);
  await expect(search).toHaveValue(group.name.slice(3).toUpperCase());
  const row = page.getByRole("row").filter({ hasText: group.name });
  await expect(row.getByRole("cell")).toHaveText(["1", "no one (system)", /just now$/]);
  await expect(page.getByRole("link", { name: other.name })).toBeHidden();

  await page.getByRole("link", { name: group.name }).click();
  await expect(page).toHaveURL(`/groups/${group.id}`);
  await expect(desk.heading).toHaveText(group.name);
  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Groups" }).click();
  await expect(page).toHaveURL("/groups");
});

test("a search without results says so and can be cleared", async ({ page, desk }) => {
  const nothing = `no group ${randomUUID()}`;
  await desk.signIn("sam");
  await page.getByRole("searchbox", { name: "Search groups by name" }).fill(nothing);
  await page.keyboard.press("Enter");
  await expect(desk.main).toContainText("No matching groups");
  await expect(desk.main).toContainText(`Nothing matches “${nothing}”.`);
  await expect(page.getByRole("table")).toHaveCount(0);

  await page.getByRole("link", { name: "Clear" }).click();
  await expect(page).toHaveURL("/groups");
  await expect(page.getByRole("searchbox", { name: "Search groups by name" })).toHaveValue("");
  await expect(page.getByRole("table", { name: "Groups", exact: true })).toBeVisible();
});

for (const name of ["100 % <b>R&D</b> _\\ 'ж'", "50%25 + 2 = a%2Bb", "a+b #1? c/d"]) {
  test(`a search treats ${name} literally`, async ({ page, desk, api }) => {
    const group = await api.group(name);
    await api.group("100 x R and D 50% 2 = a+b");
    await desk.signIn("ana");
    const search = page.getByRole("searchbox", { name: "Search groups by name" });
    await search.fill(group.name);
    await page.getByRole("button", { name: "Search" }).click();
    await expect(search).toHaveValue(group.name);
    await expect(page.getByRole("rowheader")).toHaveText([group.name]);
    await page.getByRole("link", { name: group.name }).click();
    await expect(desk.heading).toHaveText(group.name);
    await expect(page).toHaveTitle(`${group.name} · groupdesk`);
  });
}

test("more than fifty groups are paginated in both directions", async ({ page, desk, api }) => {
  const mark = `Paged ${randomUUID().slice(0, 8)}`;
  const names: string[] = [];
  for (let number = 1; number <= 52; number++) names.unshift((await api.group(`${mark} no ${number}`)).name);
  await desk.signIn("sam", `/groups?q=${mark.replace(" ", "+")}`);
  const pages = page.getByRole("navigation", { name: "Pages" });
  const found = page.getByRole("rowheader");

  await expect(found).toHaveText(names.slice(0, 50));
  await expect(pages.getByRole("link", { name: "Previous" })).toHaveCount(0);
  await pages.getByRole("link", { name: "Next" }).click();
  await expect(found).toHaveText(names.slice(50));
  await expect(page.getByRole("searchbox", { name: "Search groups by name" })).toHaveValue(mark);
  await expect(pages.getByRole("link", { name: "Next" })).toHaveCount(0);
  await pages.getByRole("link", { name: "Previous" }).click();
  await expect(found).toHaveText(names.slice(0, 50));
});

test("a tampered cursor is refused with an explanation", async ({ page, desk }) => {
  await desk.signIn("sam");
  desk.watch.expect(400, "/groups");
  await page.goto("/groups?after=tampered");
  await expect(desk.refusal).toHaveText("This link does not lead to a page of this list. Start at the first page.");
  await page.getByRole("link", { name: "All groups" }).click();
  await expect(page.getByRole("table")).toBeVisible();
});
