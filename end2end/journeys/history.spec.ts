import { expect, test } from "../support/test.ts";

test("changes by a program are listed with the name of its token", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("By a program");
  await api.remove(await api.enroll(group, workspace));
  await desk.signIn("sam", `/groups/${group.id}?tab=history`);
  await expect(desk.history).toContainText([
    new RegExp(`^no one \\(system\\) API, robot removed `),
    new RegExp(`^no one \\(system\\) API, robot enrolled `),
  ]);
  for (const line of await desk.history.all()) {
    await expect(line).toContainText(workspace.name);
    const time = line.getByRole("time");
    await expect(time).toHaveAttribute("datetime", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    await expect(time).toHaveText(/^\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d just now$/);
    await expect(time).toHaveAttribute("title", (await time.getAttribute("datetime")) ?? "");
  }
  await desk.openTab("Removed");
  await expect(desk.cell(workspace, "Enrolled")).toContainText("no one (system)");
  await expect(desk.cell(workspace, "Removed")).toContainText("API, robot");
  await expect(page.getByRole("table", { name: "Workspaces that were removed from this group, last removed first" })).toBeVisible();
});

test("changes by people and by programs are listed together", async ({ page, desk, api }) => {
  const workspace = await api.workspace();
  const group = await api.group("Side by side", [workspace]);
  await desk.signIn("ana", `/groups/${group.id}`);
  await page.getByRole("button", { name: `Remove ${workspace.name}` }).click();
  await desk.openTab("Removed");
  await expect(desk.cell(workspace, "Enrolled")).toContainText("no one (system)");
  await expect(desk.cell(workspace, "Removed")).toContainText("Ana Lima");
  await desk.openTab("History");
  await expect(desk.history).toContainText([/^Ana Lima removed /, /^no one \(system\) API, robot enrolled /]);
});
