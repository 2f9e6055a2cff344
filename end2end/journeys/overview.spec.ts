import { expect, test } from "../support/test.ts";

test("the overview tells how much there is, and what happened of late", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Of late", [workspace]);
  await desk.signIn("sam", "/");
  await expect(desk.heading).toHaveText("Overview");
  await expect(page.getByRole("link", { name: /^[\d,]+ live enrollments$/ })).toHaveAttribute("href", "/audit/as-of");
  await expect(page.getByRole("link", { name: /^[\d,]+ groups$/ })).toHaveAttribute("href", "/groups");
  const ungrouped = page.getByRole("link", { name: /workspaces? in no group$/ });
  await expect(ungrouped).toHaveAttribute("href", "/workspaces?grouped=no");

  // Others work at the same time; what this test did is among the latest.
  const latest = page.getByRole("region", { name: "Latest" }).getByRole("listitem");
  await expect(latest).toHaveCount(10);

  const chart = page.getByRole("img", { name: /enrollments and .* in the last 30 days$/ });
  await expect(chart).toBeVisible();
  await expect(chart).toHaveAccessibleDescription(/^Most on \d{1,2} [A-Z][a-z]+: [\d,]+ enrolled, [\d,]+ removed\.$/);
  await page.getByRole("navigation", { name: "Days shown" }).getByRole("link", { name: "7 days" }).click();
  await expect(page).toHaveURL("/?days=7");
  await page.getByText("The same as a table").click();
  const table = page.getByRole("table", { name: /Enrollments and removals a day/ });
  await expect(table.getByRole("row")).toHaveCount(8);
  // A day leads to what happened on it.
  await table.getByRole("rowheader").first().getByRole("link").click();
  await expect(page).toHaveURL(/^.*\/audit\?from=.*&until=.*$/);
  await expect(desk.main).toContainText("enrolled");

  await page.goto(`/audit?group=${group.id}`);
  await page.getByRole("link", { name: "Overview" }).click();
  await expect(desk.heading).toHaveText("Overview");
});
