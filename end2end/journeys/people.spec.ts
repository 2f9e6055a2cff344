import { randomUUID } from "node:crypto";

import { expect, test } from "../support/test.ts";

test("a person is created, found by e-mail address and edited", async ({ page, desk }) => {
  const mark = randomUUID().slice(0, 8);
  await desk.signIn("ana", "/people");
  await page.getByRole("link", { name: "New person" }).click();
  await page.getByLabel("First name").fill("Bo");
  await page.getByLabel("Last name").fill(`Ek ${mark}`);
  await page.getByLabel("E-mail address").fill(`bo.${mark}@example.com`);
  await page.getByRole("button", { name: "Create person" }).click();
  await expect(desk.done).toHaveText(`Bo Ek ${mark} was created.`);

  await page.goto("/people");
  await page.getByRole("searchbox", { name: "Search people by name or e-mail" }).fill(`BO.${mark}`);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("rowheader").getByRole("link", { name: `Bo Ek ${mark}` }).click();
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("First name").fill("Bodil");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(desk.done).toHaveText(`Bodil Ek ${mark} was saved.`);
  await expect(desk.heading).toHaveText(`Bodil Ek ${mark}`);
});

test("an e-mail address in use is refused and keeps the input", async ({ page, desk, api }) => {
  const other = await api.newPerson("Other");
  await desk.signIn("ana", "/people/new");
  await page.getByLabel("First name").fill("Bo");
  await page.getByLabel("Last name").fill("Ek");
  await page.getByLabel("E-mail address").fill(other.email.toUpperCase());
  await page.getByRole("button", { name: "Create person" }).click();
  await expect(desk.refusal).toHaveText(
    `The e-mail address ${other.email.toUpperCase()} is used by another person.`,
  );
  await expect(page.getByLabel("First name")).toHaveValue("Bo");
});

test("a person is deleted after their name is typed", async ({ page, desk, api }) => {
  const person = await api.newPerson("Gone");
  const workspace = await api.newWorkspace("Stays");
  const group = await api.group("Stays too");
  const enrollment = await api.enroll(group, workspace);
  await desk.signIn("ana", `/enrollments/${enrollment}/attribution?person=${person.id}`);
  await page.getByRole("button", { name: "Change creator" }).click();
  await page.goto(`/people/${person.id}`);
  await expect(page.getByRole("rowheader")).toHaveCount(1);

  await desk.openMore("Delete person");
  await expect(desk.main).toContainText("1 no longer shows who enrolled it (1 live, 0 removed)");
  await page.getByLabel(`Type ${person.name} to confirm`).fill("Somebody else");
  await page.getByRole("button", { name: "Delete person" }).click();
  await expect(desk.refusal).toHaveText(`Nothing was changed: what you typed is not “${person.name}”.`);
  await expect(page.getByLabel(`Type ${person.name} to confirm`)).toHaveValue("Somebody else");

  await page.getByLabel(`Type ${person.name} to confirm`).fill(person.name);
  await page.getByRole("button", { name: "Delete person" }).click();
  await expect(desk.done).toHaveText(`${person.name} was deleted. 1 enrollment no longer has a creator.`);
  await expect(page).toHaveURL("/people");
  await page.goto(`/enrollments/${enrollment}`);
  await expect(desk.main).toContainText("no one (system)");
});

test("an operator cannot delete their own person", async ({ page, desk }) => {
  await desk.signIn("ana", "/people?q=ana+lima");
  await page.getByRole("rowheader").getByRole("link", { name: "Ana Lima" }).first().click();
  await desk.openMore("Delete person");
  await expect(desk.main).toContainText("You are signed in as this person, so you cannot delete them.");
  await expect(desk.main.getByRole("button")).toHaveCount(0);
});

test("support sees the activity of a person and cannot edit it", async ({ page, desk, api }) => {
  const person = await api.newPerson("Seen");
  await desk.signIn("sam", `/people/${person.id}`);
  await expect(desk.main).toContainText("This person has not enrolled any workspace.");
  const parts = page.getByRole("navigation", { name: "Parts of this person" });
  await parts.getByRole("link", { name: "Activity (0)" }).click();
  await expect(desk.main).toContainText("Nothing happened yet");
  await parts.getByRole("link", { name: "Groups created (0)" }).click();
  await expect(desk.main).toContainText("This person has not created any groups.");
  await expect(page.getByRole("link", { name: /Edit|Delete/ })).toHaveCount(0);
});
