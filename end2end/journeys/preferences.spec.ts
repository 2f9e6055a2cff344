import { expect, test } from "../support/test.ts";

test("the theme is chosen in the menu and kept", async ({ page, desk }) => {
  await desk.signIn("sam");
  const root = page.locator("html");
  await expect(root).toHaveAttribute("data-theme", "system");
  await desk.openMenu();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(root).toHaveAttribute("data-theme", "dark");
  await expect(page.locator("body")).toHaveCSS("background-color", "rgb(16, 18, 23)");
  await expect(async () => {
    await page.goto("/groups?status=any");
    await expect(root).toHaveAttribute("data-theme", "dark", { timeout: 1_000 });
  }).toPass();
});

test.describe("in another time zone", () => {
  test.use({ timezoneId: "Asia/Tokyo", locale: "en-US" });

  test("times follow the browser's zone and region with JavaScript", async ({ page, desk, api, javaScriptEnabled }) => {
    const group = await api.group("Far away", await api.workspaces(1));
    await desk.signIn("sam", `/groups/${group.id}`);
    const zone = javaScriptEnabled ? "Times are in Asia/Tokyo, UTC+9." : "Times are in UTC.";
    // JavaScript reports the zone for the next page, and may have started late on the previous one.
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("contentinfo")).toContainText(zone, { timeout: 1_000 });
    }).toPass();
    const time = desk.main.getByRole("time").first();
    await expect(time).toHaveText(/^[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d\d\s[AP]M just now$/);
    const there = new Date((await time.getAttribute("datetime")) ?? "");
    const hours = there.toLocaleTimeString("en-US", {
      hour: "numeric",
      minute: "2-digit",
      timeZone: javaScriptEnabled ? "Asia/Tokyo" : "UTC",
    });
    await expect(time).toContainText(hours.replace(/\s/g, " ").slice(0, -3));
  });
});

test("relative times are updated while a page is open", async ({ page, desk, api, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "relative times are updated by JavaScript");
  const group = await api.group("Time passes", await api.workspaces(1));
  await page.clock.install();
  await desk.signIn("sam", `/groups/${group.id}`);
  const time = desk.main.getByRole("time").first();
  await expect(time).toContainText("just now");
  await expect(async () => {
    await page.clock.fastForward("02:10");
    await expect(time).toContainText(/\d+ minutes ago/, { timeout: 1_000 });
  }).toPass();
});

test("time zone and region are chosen on the account page", async ({ page, desk }) => {
  await desk.signIn("sam", "/people");
  await page.getByRole("contentinfo").getByRole("link", { name: "Change" }).click();
  await expect(page).toHaveURL("/account#preferences");
  await page.getByLabel("Time zone").selectOption("America/New_York");
  await page.getByLabel("Dates and numbers").selectOption("US");
  await page.getByRole("button", { name: "Save preferences" }).click();
  await expect(page.getByRole("contentinfo")).toContainText(/Times are in America\/New_York, UTC−\d\./);
  await page.goto("/people");
  await expect(desk.main.getByRole("time").first()).toHaveText(/^[A-Z][a-z]{2,4} \d{1,2}, \d{4}, \d{1,2}:\d\d\s[AP]M /);
  await expect(page.getByRole("contentinfo")).toContainText("America/New_York");
});
