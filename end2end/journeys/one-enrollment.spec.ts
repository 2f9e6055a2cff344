import { expect, test } from "../support/test.ts";

test("an enrollment tells all that is known of it, and the way to the others of its pair", async ({ page, desk, api }) => {
  const workspace = await api.newWorkspace("Told");
  const group = await api.group("Told of");
  const first = await api.enroll(group, workspace);
  await api.remove(first);
  const second = await api.enroll(group, workspace);
  await desk.signIn("sam", `/enrollments/${first}`);

  await expect(desk.heading).toHaveText(`${workspace.name} in ${group.name}`);
  const rows = page.getByRole("rowheader");
  await expect(rows).toHaveText(["First enrolled this one", "Added again"]);
  await expect(desk.history).toHaveCount(2);
  await page.getByText("As the API tells it").click();
  await expect(desk.main).toContainText(`"self": "/v1/workspace-group-workspaces/${first}"`);
  await page.getByRole("link", { name: "The workspace is in the group again" }).click();
  await expect(page).toHaveURL(`/enrollments/${second}`);
  await expect(rows).toHaveText(["First enrolled", "Added again this one"]);
  // Support looks.
  await expect(page.getByRole("link", { name: /^(Remove|Correct)/ })).toHaveCount(0);
});

test("an enrollment is removed and added again on its own page", async ({ page, desk, api }) => {
  const workspace = await api.newWorkspace("Back and forth");
  const group = await api.group("To and fro");
  const enrollment = await api.enroll(group, workspace);
  await desk.signIn("ana", `/enrollments/${enrollment}`);
  await page.getByRole("link", { name: "Remove", exact: true }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(desk.done).toContainText(`${workspace.name} was removed from ${group.name}.`);
  await expect(page).toHaveURL(`/enrollments/${enrollment}`);
  await page.getByRole("button", { name: "Add again" }).click();
  await expect(desk.done).toContainText(`${workspace.name} was enrolled in ${group.name}.`);
  await expect(page.getByRole("rowheader")).toHaveText(["First enrolled this one", "Added again"]);
  expect(await api.live(group)).toHaveLength(1);
});

test("an attribution is corrected, undone, and taken off", async ({ page, desk, api }) => {
  const person = await api.newPerson("Bo");
  const workspace = await api.newWorkspace("Whose");
  const group = await api.group("Whose too");
  const enrollment = await api.enroll(group, workspace);
  await desk.signIn("ana", `/enrollments/${enrollment}`);
  await page.getByRole("link", { name: "Correct who enrolled it" }).click();
  await page.getByRole("searchbox", { name: "Search people by name or e-mail" }).fill(person.email);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: `Choose ${person.name}` }).click();
  await expect(desk.main).toContainText(`${person.name} enrolled it, and not no one (system)`);
  await page.getByRole("button", { name: "Correct it" }).click();
  await expect(desk.done).toContainText(`was enrolled in ${group.name} by ${person.name}`);
  await expect(desk.history.first()).toContainText(`${person.name}, not no one`);

  await desk.done.getByRole("button", { name: "Undo" }).click();
  await expect(desk.done).toContainText(`was enrolled in ${group.name} by no one`);
  await expect(desk.history).toHaveCount(3);
});

test("who was deleted meanwhile cannot be chosen", async ({ page, desk, api }) => {
  const person = await api.newPerson("Gone");
  const group = await api.group("Without them");
  const enrollment = await api.enroll(group, await api.newWorkspace("Without them"));
  const at = `/enrollments/${enrollment}/attribution`;
  await desk.signIn("ana", `${at}?person=${person.id}`);
  await api.deletePerson(person);
  desk.watch.expect(404, at);
  await page.getByRole("button", { name: "Correct it" }).click();
  await expect(desk.heading).toHaveText("Not found");
});

test("the link to an enrollment is copied whole", async ({ page, desk, api, context, javaScriptEnabled, baseURL }) => {
  test.skip(!javaScriptEnabled, "the clipboard is script's");
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const enrollment = await api.enroll(await api.group("Copied"), await api.newWorkspace("Copied"));
  await desk.signIn("ana", `/enrollments/${enrollment}`);
  const copy = page.getByRole("button", { name: "Copy link" });
  await expect(page.locator("html.has-script")).toBeVisible();
  await copy.click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${baseURL}/enrollments/${enrollment}`);
});
