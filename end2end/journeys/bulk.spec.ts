import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";

import type { Page } from "@playwright/test";

import { type Desk, expect, test } from "../support/test.ts";

async function paste(page: Page, list: string): Promise<void> {
  await page.getByLabel("Ids or external ids").fill(list);
  await page.getByRole("button", { name: "Preview the list" }).click();
}

/** Waits until the import has finished. Without live updates the page changes only when it is refreshed. */
async function waitUntilFinished(desk: Desk, heading: string): Promise<void> {
  await expect(async () => {
    const refresh = desk.page.getByRole("link", { name: "Refresh" });
    if (await refresh.isVisible()) await refresh.click();
    await expect(desk.heading).toHaveText(heading, { timeout: 2_000 });
  }).toPass({ timeout: 45_000 });
}

async function showLines(desk: Desk, tab: string): Promise<void> {
  const lines = desk.page.getByRole("navigation", { name: "Lines by outcome" });
  const link = lines.getByRole("link", { name: tab });
  await link.click();
  await expect(link).toHaveAttribute("aria-current", "page");
}

test("a pasted list is previewed, enrolled and available as a file", async ({ page, desk, api }) => {
  const [known, first, second] = await api.workspaces(3);
  if (!known || !first || !second) throw new Error("too few workspaces");
  const group = await api.group("Bulk", [known]);
  const unknown = randomUUID();
  await desk.signIn("ana", `/groups/${group.id}/bulk`);
  await expect(desk.heading).toHaveText(`Import a list into ${group.name}`);
  await paste(page, `${first.id}\n"${second.externalId}", ${known.externalId}\n\n${unknown}; no-such-one\n${first.externalId}`);

  await expect(desk.heading).toHaveText(`Enroll 2 workspaces in ${group.name}?`);
  await expect(desk.main).toContainText("2 of 6 lines will be enrolled. 1 already there, 2 unknown, 1 duplicate.");
  const failed = page.getByRole("table", { name: "Cannot be enrolled, by line of the list" });
  await expect(failed.getByRole("row").filter({ hasText: unknown })).toContainText("4");
  await expect(failed.getByRole("row").filter({ hasText: "no-such-one" })).toContainText("no workspace has this id or external id, or it was archived");
  await showLines(desk, "Duplicates (1)");
  await expect(page.getByRole("row").filter({ hasText: first.externalId })).toContainText("the same workspace as on line 1");
  await showLines(desk, "Will be enrolled (2)");
  await expect(page.getByRole("link", { name: second.name })).toHaveAttribute("href", `/workspaces/${second.id}`);
  expect(await api.live(group)).toHaveLength(1);

  await page.getByRole("button", { name: "Enroll 2 workspaces" }).click();
  await waitUntilFinished(desk, `2 workspaces enrolled in ${group.name}`);
  await expect(desk.main).toContainText("2 lines could not be enrolled.");
  expect(await api.live(group)).toHaveLength(3);
  await showLines(desk, "Already there (1)");
  await expect(desk.row(known)).toContainText("2");

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the result (CSV)" }).click();
  const path = await (await download).path();
  const rows = (await readFile(path, "utf8")).trim().split("\r\n");
  expect(rows[0]).toBe("line,text,workspace_id,workspace_name,outcome,explanation,enrollment_id");
  expect(rows).toHaveLength(7);
  expect(rows[1]).toContain(`1,${first.id},${first.id},`);
  expect(rows[4]).toBe(`4,${unknown},,,unknown,"no workspace has this id or external id, or it was archived",`);

  // The group shows who enrolled the workspaces, and the list remains available.
  await page.getByRole("link", { name: "Go to the group" }).click();
  await expect(desk.row(first)).toContainText("Ana Lima");
  await page.goto(`/groups/${group.id}/bulk`);
  const past = page.getByRole("table", { name: "Imports for this group, newest first" });
  await expect(past.getByRole("row").filter({ hasText: "Pasted" })).toContainText("Finished");
});

test("an uploaded file is read by column and can be discarded", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Upload");
  await desk.signIn("ana", `/groups/${group.id}/bulk`);
  const buffer = Buffer.from(`Name;External workspace id\r\nx;${workspace.externalId}\r\n`);
  await page.getByLabel("CSV file").setInputFiles({ name: "emea.csv", mimeType: "text/csv", buffer });
  await page.getByRole("button", { name: "Preview the file" }).click();
  await expect(desk.heading).toHaveText(`Enroll 1 workspace in ${group.name}?`);
  await expect(desk.main).toContainText("emea.csv, column External workspace id, 1 line");
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page).toHaveURL(`/groups/${group.id}/bulk`);
  await expect(desk.main).toContainText("The list was discarded. Nothing was changed.");
  expect(await api.live(group)).toEqual([]);
});

test("invalid lists are refused with a reason", async ({ page, desk, api }) => {
  const group = await api.group("Refusals");
  await desk.signIn("ana", `/groups/${group.id}/bulk`);
  await paste(page, ' , ;\n""');
  await expect(desk.refusal).toHaveText("The list contains no ids. Add at least one workspace id or external id.");
  await expect(page.getByLabel("Ids or external ids")).toHaveValue(' , ;\n""');
  const buffer = Buffer.from("PK\u0003\u0004\u0000\u0000");
  await page.getByLabel("CSV file").setInputFiles({ name: "emea.xlsx", mimeType: "application/zip", buffer });
  await page.getByRole("button", { name: "Preview the file" }).click();
  await expect(desk.refusal).toHaveText(
    "This file is not UTF-8 text. Save it as UTF-8 (in Excel: Save As > CSV UTF-8) and upload it again.",
  );
  const large = Buffer.from("x\n".repeat(100_001));
  await page.getByLabel("CSV file").setInputFiles({ name: "large.csv", mimeType: "text/csv", buffer: large });
  await page.getByRole("button", { name: "Preview the file" }).click();
  await expect(desk.refusal).toHaveText("The list has more than 100,000 ids. Split it into several lists.");
  await expect(page.getByRole("table")).toHaveCount(0);
});

test("an import continues after its page is left", async ({ page, desk, api }) => {
  const workspaces = await api.workspaces(5);
  const group = await api.group("Later");
  await desk.signIn("ana", `/groups/${group.id}/bulk`);
  await paste(page, workspaces.map(({ id }) => id).join(" "));
  await expect(desk.heading).toHaveText(`Enroll 5 workspaces in ${group.name}?`);
  const at = page.url();
  await page.goto("/groups");
  // Someone else enrolls one of the workspaces. The preview is computed again each time it is opened.
  const [first] = workspaces;
  if (first) await api.enroll(group, first);
  await page.goto(at);
  await expect(desk.heading).toHaveText(`Enroll 4 workspaces in ${group.name}?`);
  await page.getByRole("button", { name: "Enroll 4 workspaces" }).click();
  await page.goto("/groups");
  await page.goto(at);
  await waitUntilFinished(desk, `4 workspaces enrolled in ${group.name}`);
  await expect(desk.main).toContainText("The import is finished: 5 lines, none failed.");
});

test("the progress of an import is shown without a reload", async ({ page, desk, api }) => {
  // With the duplicates, the list has as many lines as one batch.
  const workspaces = await api.workspaces(250);
  const group = await api.group("By itself");
  await desk.signIn("ana", `/groups/${group.id}/bulk`);
  const ids = workspaces.map(({ id }) => id);
  await paste(page, [...ids, ...ids].join("\n"));
  await page.getByRole("button", { name: "Enroll 250 workspaces" }).click();
  // The heading changes without any interaction.
  await expect(desk.heading).toHaveText(`250 workspaces enrolled in ${group.name}`, { timeout: 30_000 });
});

test("support can see lists and cannot submit one", async ({ page, desk, api }) => {
  const group = await api.group("Looked at");
  await desk.signIn("sam", `/groups/${group.id}/bulk`);
  await expect(desk.main).toContainText("Only admins may import lists.");
  await expect(page.getByRole("button", { name: /Preview/ })).toHaveCount(0);
});

test("an exact list is confirmed by the number that it removes", async ({ page, desk, api }) => {
  const [kept, first, second, added] = await api.workspaces(4);
  if (!kept || !first || !second || !added) throw new Error("too few workspaces");
  const group = await api.group("Exact", [kept, first, second]);
  await desk.signIn("ana", `/groups/${group.id}/bulk`);
  await page.getByRole("radio", { name: "Make the group exactly this list" }).first().check();
  await paste(page, `${kept.id}\n${added.externalId}`);

  await expect(desk.heading).toHaveText(`Make ${group.name} exactly this list?`);
  await expect(desk.main).toContainText(
    "1 of 2 lines will be enrolled, and 2 workspaces that are not on the list will be removed. 1 already there.",
  );
  await expect(desk.row(first)).toContainText("not listed");
  await page.getByLabel("Type 2 to confirm").fill("20");
  await page.getByRole("button", { name: "Enroll 1 workspace and remove 2" }).click();
  await expect(desk.refusal).toContainText("Type 2 to confirm that 2 workspaces will be removed.");
  expect(await api.live(group)).toHaveLength(3);

  await page.getByLabel("Type 2 to confirm").fill("2");
  await page.getByRole("button", { name: "Enroll 1 workspace and remove 2" }).click();
  await waitUntilFinished(desk, `1 workspace enrolled in ${group.name}, 2 workspaces removed`);
  expect(await api.live(group)).toHaveLength(2);

  await page.getByRole("link", { name: "Undo this import …" }).click();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  expect(await api.live(group)).toHaveLength(3);
});
