import { acceptInvitation, invite, openOtherBrowser, signIn } from "../support/operators.ts";
import { expect, test } from "../support/test.ts";

test("changing your password signs out every other browser", async ({ page, desk, browser }) => {
  await desk.signIn("ana", "/operators");
  const kai = await invite(desk);
  await desk.clearSession();
  await acceptInvitation(page, kai);
  const other = await openOtherBrowser(browser, desk);
  await signIn(other, kai.email, kai.password);

  await desk.openMenu();
  await page.getByRole("link", { name: "Account and preferences" }).click();
  await expect(desk.heading).toHaveText("Your account");
  await page.getByLabel("Current password").fill("not the one");
  await page.getByLabel("New password").fill(`${kai.password} and more`);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(desk.refusal).toHaveText("The current password is incorrect.");
  await page.getByLabel("Current password").fill(kai.password);
  await page.getByLabel("New password").fill(`${kai.password} and more`);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(desk.done).toHaveText("Your password was changed. All other sessions were ended.");

  await other.goto("/groups");
  await expect(other).toHaveURL("/login?next=/groups");
  await signIn(other, kai.email, `${kai.password} and more`);
  await expect(other.getByRole("banner")).toContainText(kai.name);
  await other.context().close();
});

test("one session can end another, and then all sessions", async ({ page, desk, browser }) => {
  await desk.signIn("ana", "/operators");
  const kai = await invite(desk);
  await desk.clearSession();
  await acceptInvitation(page, kai);
  const [second, third] = [await openOtherBrowser(browser, desk), await openOtherBrowser(browser, desk)];
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
