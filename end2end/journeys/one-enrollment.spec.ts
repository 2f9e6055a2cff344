import { expect, test } from "../support/test.ts";

test("an enrollment shows its history and the others of its pair", async ({ page, desk, api }) => {
  const workspace = await api.newWorkspace("Shown");
  const group = await api.group("Shown in");
  const first = await api.enroll(group, workspace);
  await api.remove(first);
  const second = await api.enroll(group, workspace);
  await desk.signIn("sam", `/enrollments/${first}`);

  await expect(desk.heading).toHaveText(`${workspace.name} in ${group.name}`);
  const rows = page.getByRole("rowheader");
  await expect(rows).toHaveText(["First enrolled this one", "Enrolled again"]);
  await expect(desk.history).toHaveCount(2);
  await page.getByText("JSON:API document").click();
  await expect(desk.main).toContainText(`"self": "/v1/workspace-group-workspaces/${first}"`);
  await page.getByRole("link", { name: "The workspace is in the group again" }).click();
  await expect(page).toHaveURL(`/enrollments/${second}`);
  await expect(rows).toHaveText(["First enrolled", "Enrolled again this one"]);
  // Support has no links to make changes.
  await expect(page.getByRole("link", { name: /^Change creator/ })).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^Remove/ })).toHaveCount(0);
});

test("an enrollment is removed and enrolled again on its own page", async ({ page, desk, api }) => {
  const workspace = await api.newWorkspace("Back and forth");
  const group = await api.group("To and fro");
  const enrollment = await api.enroll(group, workspace);
  await desk.signIn("ana", `/enrollments/${enrollment}`);
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(desk.done).toContainText(`${workspace.name} was removed from ${group.name}.`);
  await expect(page).toHaveURL(`/enrollments/${enrollment}`);
  await page.getByRole("button", { name: "Enroll again" }).click();
  await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);
  await expect(page.getByRole("rowheader")).toHaveText(["First enrolled this one", "Enrolled again"]);
  expect(await api.live(group)).toHaveLength(1);
});

test("the creator of an enrollment is changed, and the change undone", async ({ page, desk, api }) => {
  const person = await api.newPerson("Bo");
  const workspace = await api.newWorkspace("Whose");
  const group = await api.group("Whose too");
  const enrollment = await api.enroll(group, workspace);
  await desk.signIn("ana", `/enrollments/${enrollment}`);
  await page.getByRole("link", { name: "Change creator" }).click();
  await page.getByRole("searchbox", { name: "Search people by name or e-mail" }).fill(person.email);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: `Choose ${person.name}` }).click();
  await expect(desk.main).toContainText(`Change the creator from no one (system) to ${person.name}`);
  await page.getByRole("button", { name: "Change creator" }).click();
  await expect(desk.done).toContainText(`in ${group.name} is now ${person.name}.`);
  await expect(desk.history.first()).toContainText(`from no one to ${person.name}`);

  await desk.done.getByRole("button", { name: "Undo" }).click();
  await expect(desk.done).toContainText(`in ${group.name} is now no one.`);
  await expect(desk.history).toHaveCount(3);
});

test("a person who has been deleted cannot become the creator", async ({ page, desk, api }) => {
  const person = await api.newPerson("Gone");
  const group = await api.group("Without them");
  const enrollment = await api.enroll(group, await api.newWorkspace("Without them"));
  const at = `/enrollments/${enrollment}/attribution`;
  await desk.signIn("ana", `${at}?person=${person.id}`);
  await api.deletePerson(person);
  desk.watch.expect(404, at);
  await page.getByRole("button", { name: "Change creator" }).click();
  await expect(desk.heading).toHaveText("Not found");
});

test("the full link to an enrollment is copied", async ({ page, desk, api, context, javaScriptEnabled, baseURL }) => {
  test.skip(!javaScriptEnabled, "the clipboard needs JavaScript");
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const enrollment = await api.enroll(await api.group("Copied"), await api.newWorkspace("Copied"));
  await desk.signIn("ana", `/enrollments/${enrollment}`);
  const copy = page.getByRole("button", { name: "Copy link" });
  await desk.scriptStarted();
  await copy.click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${baseURL}/enrollments/${enrollment}`);
});
