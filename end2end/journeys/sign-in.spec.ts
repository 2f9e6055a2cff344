import { OPERATORS, passwordOf } from "../support/running.ts";
import { expect, test } from "../support/test.ts";

test("one signs in, lands where one was going, and signs out", async ({ page, desk, api }) => {
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

test("without anywhere to go, one lands on the overview", async ({ page, desk }) => {
  await page.goto("/");
  await desk.fillSignIn(OPERATORS.sam.email, passwordOf("sam"));
  await expect(page).toHaveURL("/");
  await expect(desk.heading).toHaveText("Overview");
  await expect(page.getByRole("banner")).toContainText("support");
});

test("a wrong password is said so, and the e-mail address stays", async ({ page, desk }) => {
  await page.goto("/groups?q=wrong");
  await desk.fillSignIn(OPERATORS.ana.email, "not the password of Ana");
  await expect(desk.refusal).toHaveText("E-mail address and password do not belong together.");
  await expect(page.getByLabel("E-mail address")).toHaveValue(OPERATORS.ana.email);
  await expect(page.getByLabel("Password")).toHaveValue("");

  // The message is told once, and where one was going is not forgotten.
  await desk.fillSignIn(OPERATORS.ana.email, passwordOf("ana"));
  await expect(page).toHaveURL("/groups?q=wrong");
  await expect(desk.refusal).toBeHidden();
});

test("an address that nobody has is refused in the same words", async ({ page, desk }) => {
  await page.goto("/login");
  await desk.fillSignIn("nobody@example.com", "not the password of anybody");
  await expect(desk.refusal).toHaveText("E-mail address and password do not belong together.");
  await expect(page.getByLabel("E-mail address")).toHaveValue("nobody@example.com");
});

test("a search with spaces and signs in it is where one was going, too", async ({ page, desk }) => {
  await page.goto("/groups?q=R%26D+100%25%20caf%C3%A9");
  await desk.fillSignIn(OPERATORS.ana.email, passwordOf("ana"));
  await expect(page).toHaveURL("/groups?q=R%26D+100%25%20caf%C3%A9");
  await expect(page.getByRole("searchbox", { name: "Search groups by name" })).toHaveValue("R&D 100% café");
});

const NOWHERE = "00000000-0000-4000-8000-000000000000";

for (const path of ["/", "/groups", "/groups/new", `/groups/${NOWHERE}`, `/enrollments/${NOWHERE}/remove`, "/no-page"]) {
  test(`somebody signed out who visits ${path} is sent to sign in`, async ({ page, desk }) => {
    await page.goto(path);
    await expect(page).toHaveURL(path === "/" ? "/login" : `/login?next=${path}`);
    await expect(desk.heading).toHaveText("Sign in");
    await expect(page.getByRole("navigation")).toHaveCount(0);
  });
}

test("a link cannot make the sign-in lead to another site", async ({ page, desk }) => {
  await page.goto("/login?next=//evil.example/groups");
  await desk.fillSignIn(OPERATORS.sam.email, passwordOf("sam"));
  await expect(page).toHaveURL("/");
});
