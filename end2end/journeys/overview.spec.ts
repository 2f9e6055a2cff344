import { expect, test } from "../support/test.ts";

test("the overview shows totals and recent events", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Recent", [workspace]);
  await desk.signIn("sam", "/");
  await expect(desk.heading).toHaveText("Overview");
  await expect(page.getByRole("link", { name: /^[\d,]+ live enrollments$/ })).toHaveAttribute("href", "/audit/as-of");
  await expect(page.getByRole("link", { name: /^[\d,]+ groups$/ })).toHaveAttribute("href", "/groups");
  const ungrouped = page.getByRole("link", { name: /workspaces? in no group$/ });
  await expect(ungrouped).toHaveAttribute("href", "/workspaces?grouped=no");

  // Other tests run at the same time, so only the number of events is known.
  const latest = page.getByRole("region", { name: "Latest" }).getByRole("listitem");
  await expect(latest).toHaveCount(10);

  const chart = page.getByRole("group", { name: /enrollments and .* in the last 30 days$/ });
  await expect(chart).toBeVisible();
  await expect(chart).toHaveAccessibleDescription(/^Most on \d{1,2} [A-Z][a-z]+: [\d,]+ enrolled, [\d,]+ removed\.$/);
  // The last bar is that of today, and shows the events of the day.
  await expect(chart.getByRole("link").last()).toHaveAttribute("href", /^\/audit\?from=.*&until=/);
  await page.getByRole("navigation", { name: "Days shown" }).getByRole("link", { name: "7 days" }).click();
  await expect(page).toHaveURL("/?days=7");
  await page.getByText("Show as a table").click();
  const table = page.getByRole("table", { name: /Enrollments and removals a day/ });
  await expect(table.getByRole("row")).toHaveCount(8);
  // Each day links to its events in the audit log.
  await table.getByRole("rowheader").first().getByRole("link").click();
  await expect(page).toHaveURL(/^.*\/audit\?from=.*&until=.*$/);
  await expect(desk.main).toContainText("enrolled");

  await page.goto(`/audit?group=${group.id}`);
  await page.getByRole("link", { name: "Overview" }).click();
  await expect(desk.heading).toHaveText("Overview");
});
