import {
  acceptInvitation,
  invite,
  openOperator,
  openOtherBrowser,
  readOneTimeValue,
  signIn,
} from "../support/operators.ts";
import { expect, SAME_ORIGIN_HEADERS, test } from "../support/test.ts";

test("an invited operator chooses a password and signs in with it", async ({ desk, browser }) => {
  await desk.signIn("ana", "/operators");
  const kai = await invite(desk);
  const row = desk.page.getByRole("row").filter({ hasText: kai.email });
  await expect(row).toContainText("invited");
  // The link is shown only once.
  await desk.page.reload();
  await expect(row).toBeVisible();
  expect(await desk.page.content()).not.toContain(kai.link);

  const other = await openOtherBrowser(browser, desk);
  await acceptInvitation(other, kai);
  await desk.clearSession(other);
  await signIn(other, kai.email, kai.password);
  await expect(other.getByRole("banner")).toContainText(kai.name);
  await desk.page.reload();
  await expect(row).toContainText("active");
  await other.context().close();
});

test("a disabled operator is signed out at once and can be enabled", async ({ desk, browser }) => {
  await desk.signIn("ana", "/operators");
  const kai = await invite(desk);
  const other = await openOtherBrowser(browser, desk);
  await acceptInvitation(other, kai);
  await openOperator(desk, kai);
  await desk.main.getByRole("link", { name: "Disable" }).click();
  await expect(desk.heading).toHaveText(`Disable ${kai.name}?`);
  await desk.page.getByRole("button", { name: "Disable" }).click();
  await expect(desk.done).toContainText(`${kai.name} was disabled and signed out.`);

  await other.goto("/groups");
  await expect(other).toHaveURL("/login?next=/groups");
  await signIn(other, kai.email, kai.password);
  await expect(other.getByRole("alert")).toHaveText("Incorrect e-mail address or password.");

  await desk.page.getByRole("button", { name: "Enable" }).click();
  await expect(desk.done).toHaveText(`${kai.name} was enabled.`);
  await signIn(other, kai.email, kai.password);
  await expect(other.getByRole("banner")).toContainText(kai.name);
  await other.context().close();
});

test("a new role is confirmed and applies after the next sign-in", async ({ desk, browser }) => {
  await desk.signIn("ana", "/operators");
  const kai = await invite(desk);
  const other = await openOtherBrowser(browser, desk);
  await acceptInvitation(other, kai);
  await openOperator(desk, kai);
  await desk.main.getByRole("link", { name: "Make admin" }).click();
  await expect(desk.heading).toHaveText(`Make ${kai.name} an admin?`);
  await desk.page.getByRole("button", { name: "Make admin" }).click();
  await expect(desk.done).toHaveText(`${kai.name} was made an admin.`);

  await signIn(other, kai.email, kai.password);
  await other.goto("/operators");
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Operators");
  await other.context().close();
});

test("a new sign-in link replaces the password", async ({ desk, browser }) => {
  await desk.signIn("ana", "/operators");
  const kai = await invite(desk);
  const other = await openOtherBrowser(browser, desk);
  await acceptInvitation(other, kai);
  await openOperator(desk, kai);
  await desk.main.getByRole("link", { name: "New sign-in link" }).click();
  await expect(desk.main).toContainText("Their password stops working");
  await desk.page.getByRole("button", { name: "Create link" }).click();
  await expect(desk.done).toContainText(`A new link was created for ${kai.name}.`);
  const link = new URL(await readOneTimeValue(desk)).pathname;

  await signIn(other, kai.email, kai.password);
  await expect(other.getByRole("alert")).toHaveText("Incorrect e-mail address or password.");
  await acceptInvitation(other, { ...kai, link, password: `${kai.password} and more` });
  await other.context().close();
});

test("an admin cannot disable themselves", async ({ desk }) => {
  await desk.signIn("ana", "/operators");
  await desk.main.getByRole("link", { name: "Manage Ana Lima" }).click();
  await expect(desk.main).toContainText("This is you");
  await expect(desk.main.getByRole("link", { name: "Disable" })).toHaveCount(0);
  const operator = new URL(desk.page.url()).pathname.split("/").pop() ?? "";
  const answer = await desk.page.request.post("/api/fn/operator-disable", {
    form: { operator },
    headers: SAME_ORIGIN_HEADERS,
  });
  expect(await answer.text()).toContain("You cannot do this to your own operator.");
});

test("an invitation is listed in the administrative log", async ({ desk }) => {
  await desk.signIn("ana", "/operators");
  const kai = await invite(desk);
  await desk.page.goto("/operators");
  await desk.main.getByRole("link", { name: "administrative log" }).click();
  await expect(desk.heading).toHaveText("Administrative log");
  await desk.page.getByLabel("E-mail address of the actor").fill("ana@example.com");
  await desk.page.getByLabel("Action").selectOption("Operator added");
  await desk.page.getByRole("button", { name: "Search" }).click();
  await expect(desk.page).toHaveURL("/audit/admin?person=ana%40example.com&action=operator_created");
  const row = desk.page.getByRole("row").filter({ hasText: kai.email });
  await expect(row).toContainText("Ana Lima");
  await row.getByRole("link", { name: kai.email }).click();
  await expect(desk.heading).toHaveText(kai.name);
});

for (const path of ["/operators", "/operators/new", "/tokens", "/tokens/new", "/audit/admin"]) {
  test(`${path} is refused to support`, async ({ desk }) => {
    desk.watch.expect(403, path);
    await desk.signIn("sam", path);
    await expect(desk.refusal).toHaveText("Only admins may see and manage this.");
  });
}
