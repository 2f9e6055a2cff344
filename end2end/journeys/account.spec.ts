import { accept, another, invite, signIn } from "../support/operators.ts";
import { expect, test } from "../support/test.ts";

test("one changes one's own password, and every other browser is out", async ({ page, desk, browser }) => {
  await desk.signIn("ana", "/operators");
  const kai = await invite(desk);
  await desk.forgetSession();
  await accept(page, kai);
  const other = await another(browser, desk);
  await signIn(other, kai.email, kai.password);

  await desk.openMenu();
  await page.getByRole("link", { name: "Account and preferences" }).click();
  await expect(desk.heading).toHaveText("Your account");
  await page.getByLabel("Present password").fill("not the one");
  await page.getByLabel("New password").fill(`${kai.password} and more`);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(desk.refusal).toHaveText("Your present password is not the one you typed.");
  await page.getByLabel("Present password").fill(kai.password);
  await page.getByLabel("New password").fill(`${kai.password} and more`);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(desk.done).toHaveText("Your password was changed. Every other session was ended.");

  await other.goto("/groups");
  await expect(other).toHaveURL("/login?next=/groups");
  await signIn(other, kai.email, `${kai.password} and more`);
  await expect(other.getByRole("banner")).toContainText(kai.name);
  await other.context().close();
});

test("one ends a session from another, and then all of them", async ({ page, desk, browser }) => {
  await desk.signIn("ana", "/operators");
  const kai = await invite(desk);
  await desk.forgetSession();
  await accept(page, kai);
  const [second, third] = [await another(browser, desk), await another(browser, desk)];
  for (const other of [second, third]) await signIn(other, kai.email, kai.password);

  await page.goto("/account");
  const sessions = page.getByRole("list", { name: "Where you are signed in" }).getByRole("listitem");
  await expect(sessions).toHaveCount(3);
  await expect(sessions.filter({ hasText: "this one" })).toHaveCount(1);
  await expect(sessions.first()).toContainText("on Linux");
  await page.getByRole("button", { name: /^End the session/ }).first().click();
  await expect(desk.done).toHaveText("The session was ended.");
  await expect(sessions).toHaveCount(2);

  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page).toHaveURL("/login");
  await expect(desk.done).toHaveText("You are signed out everywhere.");
  for (const other of [page, second, third]) {
    await other.goto("/groups");
    await expect(other).toHaveURL("/login?next=/groups");
  }
  for (const other of [second, third]) await other.context().close();
});
