import { readFile } from "node:fs/promises";

import type { Locator, Page } from "@playwright/test";

import { expect, test } from "../support/test.ts";

/** Follows a link to a file and returns the name and the content of the file. */
async function download(page: Page, link: Locator): Promise<{ name: string; text: string }> {
  const started = page.waitForEvent("download");
  await link.click();
  const file = await started;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

/** The current date in UTC, in the format of a date field. */
const today = () => new Date().toISOString().slice(0, 10);

test("the audit log shows who removed a workspace and when", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("In question", [workspace]);
  const [live] = await api.live(group);
  await api.remove(live ?? "");

  await desk.signIn("sam", "/audit");
  await page.getByLabel("Workspace", { exact: true }).fill(workspace.externalId);
  await page.getByLabel("Group", { exact: true }).fill(group.name);
  await page.getByLabel("Action").selectOption("Removed");
  await page.getByRole("button", { name: "Show" }).click();

  await expect(page).toHaveURL(/\/audit\?group=[-0-9a-f]{36}&workspace=[-0-9a-f]{36}&action=removed$/);
  await expect(desk.history).toHaveCount(1);
  await expect(desk.history).toContainText(`no one (system) API, robot removed ${workspace.name} from ${group.name}`);
  await expect(desk.history.getByRole("time")).toHaveAttribute("datetime", /^\d{4}-\d\d-\d\dT/);
  await expect(desk.history.getByRole("link", { name: group.name })).toHaveAttribute("href", `/groups/${group.id}`);

  // Clearing one filter keeps the others.
  await page.getByRole("link", { name: "Remove the filter workspace" }).click();
  await expect(page).toHaveURL(`/audit?group=${group.id}&action=removed`);
  await page.getByRole("link", { name: "Clear" }).click();
  await expect(page).toHaveURL("/audit");
});

test("an ambiguous name offers a list to choose from", async ({ page, desk, api }) => {
  const common = `Common ${crypto.randomUUID().slice(0, 8)}`;
  const one = await api.group(`${common} one`);
  await api.group(`${common} two`);
  await desk.signIn("sam", "/audit");
  await page.getByLabel("Group", { exact: true }).fill(common);
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("heading", { name: `Which group is “${common}”?` })).toBeVisible();
  await page.getByRole("link", { name: one.name }).click();
  await expect(page).toHaveURL(`/audit?group=${one.id}`);
  await expect(desk.main).toContainText("No matching events");

  await page.goto("/audit");
  await page.getByLabel("Group", { exact: true }).fill("no such group at all");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(desk.refusal).toContainText("No group matches “no such group at all”");
});

test("a filter completes the name of a group", async ({ page, desk, api, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "without JavaScript the next page offers the matches");
  const common = `Completed ${crypto.randomUUID().slice(0, 8)}`;
  const one = await api.group(`${common} one`);
  await api.group(`${common} two`);
  await desk.signIn("sam", "/audit");
  const field = page.getByLabel("Group", { exact: true });
  const option = page.getByRole("option").filter({ hasText: one.name });
  await expect(async () => {
    await field.fill(common);
    await expect(option).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 45_000 });
  await option.click();
  await expect(field).toHaveValue(one.name);
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(`/audit?group=${one.id}`);
});

test("on a phone the filters open on request", async ({ page, desk, api }) => {
  const group = await api.group("On a phone", await api.workspaces(1));
  await page.setViewportSize({ width: 390, height: 700 });
  await desk.signIn("sam", `/audit?group=${group.id}`);
  await expect(desk.history.first()).toBeInViewport();
  const action = page.getByLabel("Action");
  await expect(action).toBeHidden();
  await page.getByRole("button", { name: "Filters (1)" }).click();
  await action.selectOption("Removed");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(`/audit?group=${group.id}&action=removed`);
  await expect(desk.main).toContainText("No matching events");
});

test("the members of a group on a past day are shown and exported", async ({ page, desk, api }) => {
  const [stays, leaves] = await api.workspaces(2);
  if (!stays || !leaves) throw new Error("too few workspaces");
  const group = await api.group("On a day", [stays]);
  await api.remove(await api.enroll(group, leaves));
  const before = Date.now();

  await desk.signIn("sam", `/audit?group=${group.id}`);
  await page.getByRole("link", { name: "As of a date" }).click();
  await expect(page).toHaveURL(`/audit/as-of?group=${group.id}`);
  await expect(page.getByRole("heading", { name: `1 workspace was in ${group.name}` })).toBeVisible();
  await expect(desk.row(stays)).toContainText("still in");
  await expect(desk.row(leaves)).toHaveCount(0);

  await page.getByLabel("At", { exact: true }).fill(today());
  await page.getByRole("button", { name: "Show" }).click();
  // The current day has not ended, so the address contains the present instant instead of the end of the day.
  await expect(page).toHaveURL(/&at=\d{4}-\d\d-\d\dT[0-9A-F%.]+Z$/);
  const at = new URL(page.url()).searchParams.get("at") ?? "";
  expect(Date.parse(at)).toBeGreaterThanOrEqual(before - 1000);
  await expect(desk.row(stays)).toContainText("still in");

  const file = await download(page, page.getByRole("link", { name: "CSV", exact: true }));
  expect(file.name).toMatch(/^groupdesk-as-of-\d{8}T\d{6}Z\.csv$/);
  const rows = file.text.trim().split("\r\n");
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatch(/^enrollment_id,group_id,group_name,workspace_id,/);
  expect(rows[1]).toContain(stays.id);

  await page.getByLabel("At", { exact: true }).fill("2020-05-01");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("heading", { name: `0 workspaces were in ${group.name}` })).toBeVisible();
  await page.getByLabel("At", { exact: true }).fill("2999-05-01");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(desk.refusal).toContainText("This time is in the future");
});

test("a comparison shows and exports the changes between two days", async ({ page, desk, api }) => {
  const [added, gone] = await api.workspaces(2);
  if (!added || !gone) throw new Error("too few workspaces");
  const group = await api.group("Compared", [added]);
  await api.remove(await api.enroll(group, gone));

  await desk.signIn("sam", "/audit/compare");
  await expect(desk.main).toContainText("Nothing to compare yet");
  await page.getByLabel("Group", { exact: true }).fill(group.name);
  await page.getByLabel("From", { exact: true }).fill("2026-01-01");
  await page.getByRole("button", { name: "Compare" }).click();
  const tabs = page.getByRole("navigation", { name: "Changes" });
  await expect(tabs.getByRole("link")).toHaveText(["Added (1)", "Removed (0)", "Unchanged (0)"]);
  await expect(desk.row(added)).toBeVisible();
  await tabs.getByRole("link", { name: "Removed (0)" }).click();
  await expect(page).toHaveURL(/change=removed/);
  await expect(desk.main).toContainText("No workspace was in the group only at the earlier time.");

  const file = await download(page, page.getByRole("link", { name: "NDJSON" }));
  expect(file.name).toMatch(/^groupdesk-comparison-20260101T235959Z-\d{8}T\d{6}Z\.ndjson$/);
  expect(JSON.parse(file.text)).toMatchObject({ change: "added", workspace_id: added.id, is_readded: false });
});

test("an export of events applies the filters of the page", async ({ page, desk, api }) => {
  const group = await api.group("=SUM(A1:A9)", await api.workspaces(3));
  await desk.signIn("sam", `/audit?group=${group.id}&action=enrolled`);
  const { name, text } = await download(page, page.getByRole("link", { name: "CSV", exact: true }));
  expect(name).toMatch(/^groupdesk-events-\d{8}T\d{6}Z\.csv$/);
  const rows = text.trim().split("\r\n");
  expect(rows).toHaveLength(4);
  for (const row of rows.slice(1)) expect(row).toContain(`,enrolled,api,system,,,robot,`);
  // The apostrophe keeps a spreadsheet from evaluating the name as a formula.
  for (const row of rows.slice(1)) expect(row).toContain(`,'${group.name},`);
});

test("a printed audit log states its filters", async ({ page, desk, api }) => {
  const group = await api.group("Printed", await api.workspaces(2));
  await desk.signIn("sam", `/audit?group=${group.id}&action=enrolled`);
  const filters = page.getByText(`group: ${group.name}, action: enrolled`);
  await expect(filters).toBeHidden();
  await page.emulateMedia({ media: "print" });
  await expect(filters).toBeVisible();
  await expect(desk.history).toHaveCount(2);
  await expect(page.getByRole("button")).toHaveCount(0);
});
