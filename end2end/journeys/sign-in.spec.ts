import { OPERATORS, passwordOf } from "../support/running.ts";
import { expect, test } from "../support/test.ts";

test("signing in opens the requested page, and signing out ends it", async ({ page, desk, api }) => {
  const group = await api.group("Where Ana was going");
  await page.goto(`/groups/${group.id}?tab=history`);
  await expect(desk.heading).toHaveText("Sign in");
  await expect(page).toHaveTitle("Sign in · groupdesk");

  await desk.fillSignIn(OPERATORS.ana.email, passwordOf("ana"));
  await expect(page).toHaveURL(`/groups/${group.id}?tab=history`);
  await expect(desk.heading).toHaveText(group.name);
  await expect(page.getByRole("banner")).toContainText("Ana Lima");
  await expect(page.getByRole("banner")).toContainText("admin");

  await desk.signOut();
  await expect(page).toHaveURL("/login");
  await expect(desk.done).toHaveText("You are signed out.");
  await expect(page.getByRole("banner")).not.toContainText("Ana Lima");

  await page.goto(`/groups/${group.id}`);
  await expect(desk.heading).toHaveText("Sign in");
});

test("signing in without a requested page opens the overview", async ({ page, desk }) => {
  await page.goto("/");
  await desk.fillSignIn(OPERATORS.sam.email, passwordOf("sam"));
  await expect(page).toHaveURL("/");
  await expect(desk.heading).toHaveText("Overview");
  await expect(page.getByRole("banner")).toContainText("support");
});

test("a wrong password is refused and keeps the e-mail address", async ({ page, desk }) => {
  await page.goto("/groups?q=wrong");
  await desk.fillSignIn(OPERATORS.ana.email, "not the password of Ana");
  await expect(desk.refusal).toHaveText("Incorrect e-mail address or password.");
  await expect(page.getByLabel("E-mail address")).toHaveValue(OPERATORS.ana.email);
  await expect(page.getByLabel("Password")).toHaveValue("");

  // The message is shown once, and the requested page is kept.
  await desk.fillSignIn(OPERATORS.ana.email, passwordOf("ana"));
  await expect(page).toHaveURL("/groups?q=wrong");
  await expect(desk.refusal).toBeHidden();
});

test("an unknown e-mail address gets the same message", async ({ page, desk }) => {
  await page.goto("/login");
  await desk.fillSignIn("nobody@example.com", "not the password of anybody");
  await expect(desk.refusal).toHaveText("Incorrect e-mail address or password.");
  await expect(page.getByLabel("E-mail address")).toHaveValue("nobody@example.com");
});

test("signing in keeps the query of the requested page", async ({ page, desk }) => {
  await page.goto("/groups?q=R%26D+100%25%20caf%C3%A9");
  await desk.fillSignIn(OPERATORS.ana.email, passwordOf("ana"));
  await expect(page).toHaveURL("/groups?q=R%26D+100%25%20caf%C3%A9");
  await expect(page.getByRole("searchbox", { name: "Search groups by name" })).toHaveValue("R&D 100% café");
});

const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";

for (const path of ["/", "/groups", "/groups/new", `/groups/${UNKNOWN_ID}`, `/enrollments/${UNKNOWN_ID}/remove`, "/no-page"]) {
  test(`${path} redirects to the sign-in page without a session`, async ({ page, desk }) => {
    await page.goto(path);
    await expect(page).toHaveURL(path === "/" ? "/login" : `/login?next=${path}`);
    await expect(desk.heading).toHaveText("Sign in");
    await expect(page.getByRole("navigation")).toHaveCount(0);
  });
}

test("signing in does not redirect to another site", async ({ page, desk }) => {
  await page.goto("/login?next=//evil.example/groups");
  await desk.fillSignIn(OPERATORS.sam.email, passwordOf("sam"));
  await expect(page).toHaveURL("/");
});
